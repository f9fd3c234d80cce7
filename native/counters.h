#pragma once
// Counters of one thread: written by that thread alone, read by any.
#include <algorithm>
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

/// Gaps between two turns of a loop that should never rest: the host took the CPU away.
struct HiccupCounters {
  Counter count, maxNs, totalNs;
  Counter lost;  ///< requests the kernel had no room for meanwhile

  /// Of a loop that takes nothing in.
  void turn(uint64_t nowNs) {
    turn(nowNs, 0, [] { return uint64_t(0); });
  }
  /// `handled`: requests until now, as a turn may take as long as its requests do. `dropped()`: those the kernel had no
  /// room for until now. Read once a millisecond: a gap is charged with those from the reading before it to the one
  /// after it, when the thread has made room again or rests.
  template <typename Dropped>
  void turn(uint64_t nowNs, uint64_t handled, Dropped dropped) {
    constexpr uint64_t millisecond = 1000000, longestRequestNs = 10000;
    uint64_t gap = lastNs_ ? nowNs - lastNs_ : 0;
    uint64_t atWorkNs = (handled - handled_) * longestRequestNs;
    lastNs_ = nowNs;
    handled_ = handled;
    if (gap <= millisecond && nowNs - readNs_ <= millisecond) return;
    bool isHiccup = gap > std::max(millisecond, atWorkNs);
    if (isHiccup) {
      count.add(1);
      maxNs.raiseTo(gap);
      totalNs.add(gap);
    }
    take(dropped(), isHiccup);
    readNs_ = nowNs;
  }
  /// The loop is about to sleep on purpose: the gap that follows is not a hiccup.
  template <typename Dropped>
  void rest(Dropped dropped) {
    lastNs_ = 0;
    if (followsGap_) take(dropped(), false);
  }
  /// Another loop takes over, with another socket.
  void restart() {
    lastNs_ = readNs_ = 0;
    followsGap_ = false;
  }
  void append(CounterList& out) const {
    out.emplace_back("hiccupCount", count.get());
    out.emplace_back("hiccupMaxNs", maxNs.get());
    out.emplace_back("hiccupTotalNs", totalNs.get());
    out.emplace_back("hiccupLost", lost.get());
  }

 private:
  /// A reading of what was dropped, at the end of a gap or not.
  void take(uint64_t total, bool endsGap) {
    if (endsGap || followsGap_) lost.add(uint32_t(total - dropped_));  // a socket's counter has 32 bits
    followsGap_ = endsGap;
    dropped_ = total;
  }

  uint64_t lastNs_ = 0, handled_ = 0;
  uint64_t dropped_ = 0, readNs_ = 0;
  bool followsGap_ = false;
};

}  // namespace ivb
