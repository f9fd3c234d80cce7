#pragma once
// Log-linear (HDR) histogram of nanoseconds (bpf/histogram.h) in a fixed array.
#include <cstdint>
#include <utility>
#include <vector>

#include "../bpf/histogram.h"

namespace ivb {

/// Written by one thread, read by any.
class Histogram {
 public:
  void record(uint64_t ns) { add(histogram_bucket(ns), 1); }
  void add(size_t bucket, uint64_t count) {
    __atomic_store_n(&counts_[bucket], __atomic_load_n(&counts_[bucket], __ATOMIC_RELAXED) + count, __ATOMIC_RELAXED);
  }

  void merge(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); i++) add(i, __atomic_load_n(&other.counts_[i], __ATOMIC_RELAXED));
  }

  /// [highest value of the bucket in ns, count] of every bucket that is not empty, ascending.
  std::vector<std::pair<uint64_t, uint64_t>> pairs() const {
    std::vector<std::pair<uint64_t, uint64_t>> out;
    for (size_t i = 0; i < counts_.size(); i++) {
      uint64_t count = __atomic_load_n(&counts_[i], __ATOMIC_RELAXED);
      if (count) out.emplace_back(highestOf(i), count);
    }
    return out;
  }

 private:
  static uint64_t highestOf(size_t bucket) {
    if (bucket < (size_t(2) << HISTOGRAM_HALF_BITS)) return bucket;
    size_t shift = (bucket >> HISTOGRAM_HALF_BITS) - 1;
    uint64_t mantissa = bucket - (shift << HISTOGRAM_HALF_BITS);
    return ((mantissa + 1) << shift) - 1;
  }

  std::vector<uint64_t> counts_ = std::vector<uint64_t>(HISTOGRAM_BUCKETS);
};

}  // namespace ivb
