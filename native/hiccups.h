#pragma once
// Gaps between two turns of a generator's loop, which never rests: something else had its CPU.
#include "counters.h"

namespace ivb {

struct HiccupCounters {
  Counter count, maxNs, totalNs;  ///< gaps of more than a millisecond

  void turn(uint64_t nowNs) {
    constexpr uint64_t millisecond = 1000000;
    uint64_t gap = lastNs_ ? nowNs - lastNs_ : 0;
    lastNs_ = nowNs;
    if (gap <= millisecond) return;
    count.add(1);
    maxNs.raiseTo(gap);
    totalNs.add(gap);
  }

 private:
  uint64_t lastNs_ = 0;
};

}  // namespace ivb
