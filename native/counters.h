#pragma once
// Counters of one thread: written by that thread alone, read by any.
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ivb {

/// Monotonic; the owner adds, others read. No locked instruction: there is one writer.
class Counter {
 public:
  void add(uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void raiseTo(uint64_t n) {
    if (n > value_.load(std::memory_order_relaxed)) value_.store(n, std::memory_order_relaxed);
  }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

/// Name and value, as they go to JavaScript.
using CounterList = std::vector<std::pair<std::string, uint64_t>>;

}  // namespace ivb
