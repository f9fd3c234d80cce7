#pragma once
// Log-linear (HDR) histogram of nanoseconds: 3 significant digits from 1 ns to over 60 s in a fixed array.
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace ivb {

class Histogram {
 public:
  void record(uint64_t ns) { counts_[indexOf(std::min(ns, maxNs))]++; }

  void merge(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); i++) counts_[i] += other.counts_[i];
  }

  /// [highest value of the bucket in ns, count] of every bucket that is not empty, ascending.
  std::vector<std::pair<uint64_t, uint64_t>> pairs() const {
    std::vector<std::pair<uint64_t, uint64_t>> out;
    for (size_t i = 0; i < counts_.size(); i++) {
      if (counts_[i]) out.emplace_back(highestOf(i), counts_[i]);
    }
    return out;
  }

 private:
  // Values below 2^11 have a bucket each; above, each power of two has 2^10 buckets: a relative width under 0.1 %.
  static constexpr int linearBits = 11;
  static constexpr int halfBits = linearBits - 1;
  static constexpr uint64_t maxNs = (uint64_t(1) << 36) - 1;  // 68.7 s

  static size_t indexOf(uint64_t value) {
    if (value < (uint64_t(1) << linearBits)) return size_t(value);
    int shift = 63 - __builtin_clzll(value) - halfBits;
    return (size_t(shift) << halfBits) + size_t(value >> shift);
  }
  static uint64_t highestOf(size_t index) {
    if (index < (size_t(1) << linearBits)) return index;
    size_t shift = (index >> halfBits) - 1;
    uint64_t mantissa = index - (shift << halfBits);
    return ((mantissa + 1) << shift) - 1;
  }

  std::vector<uint64_t> counts_ = std::vector<uint64_t>(indexOf(maxNs) + 1);
};

}  // namespace ivb
