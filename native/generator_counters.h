#pragma once
// What a generator thread in user space counts of its sending.
#include <algorithm>

#include "../bpf/generate.h"
#include "counters.h"
#include "hiccups.h"
#include "histogram.h"

namespace ivb {

struct alignas(64) SendCounters {
  Counter offered, sent, late, lost, refused;
  HiccupCounters hiccups;
  Histogram lags;

  /// A request leaves at `nowNs` that was due at `dueNs`.
  void leaves(uint64_t nowNs, uint64_t dueNs, bool recording) {
    uint64_t lagNs = nowNs - dueNs;
    if (lagNs > GENERATE_LATE_NS) late.add(1);
    if (recording) lags.record(lagNs);
  }
};

/// The same, summed over threads.
struct SendCounts {
  uint64_t offered = 0, sent = 0, late = 0, lost = 0, refused = 0, gaps = 0, longestGapNs = 0, gapsNs = 0;
  /// Time in which a thread did not run, and left out what fell due.
  uint64_t awayNs = 0;

  void add(const SendCounters& one) {
    offered += one.offered.get();
    sent += one.sent.get();
    late += one.late.get();
    lost += one.lost.get();
    refused += one.refused.get();
    gaps += one.hiccups.count.get();
    gapsNs += one.hiccups.totalNs.get();
    // Both are the gaps of more than 1 ms, as a shorter one may be a system call that sends many. The generator in the
    // kernel tells them apart: there awayNs has shorter gaps too.
    awayNs += one.hiccups.totalNs.get();
    longestGapNs = std::max(longestGapNs, one.hiccups.maxNs.get());
  }
  void append(CounterList& out) const {
    out.insert(out.end(), {{"offered", offered}, {"sent", sent}, {"lateSends", late}, {"generatorLost", lost},
                           {"sendFailed", refused}, {"hiccupCount", gaps}, {"hiccupMaxNs", longestGapNs},
                           {"hiccupTotalNs", gapsNs}, {"awayTotalNs", awayNs}});
  }
};

}  // namespace ivb
