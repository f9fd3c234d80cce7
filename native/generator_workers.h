#pragma once
// What engines whose threads are ours read from their workers: each has `counters` of its sending and a `check` of its
// replies.
#include "generator.h"
#include "generator_counters.h"
#include "reply_check.h"

namespace ivb {

template <typename Workers>
SendCounts sendsOf(const Workers& workers) {
  SendCounts sum;
  for (const auto& worker : workers) sum.add(worker.counters);
  return sum;
}

template <typename Workers>
ReplyCounts repliesOf(const Workers& workers) {
  ReplyCounts sum;
  for (const auto& worker : workers) worker.check.addTo(sum);
  return sum;
}

template <typename Workers>
Histogram roundTripsOf(const Workers& workers) {
  Histogram sum;
  for (const auto& worker : workers) sum.merge(worker.check.roundTrips());
  return sum;
}

template <typename Workers>
Histogram lagsOf(const Workers& workers) {
  Histogram sum;
  for (const auto& worker : workers) sum.merge(worker.counters.lags);
  return sum;
}

/// Of a rate over `schedules` that share it: 0 is unpaced, below 0 paused.
inline double intervalNsOf(double perSecond, size_t schedules) {
  if (perSecond == unpacedRate) return 0;
  return perSecond > 0 ? 1e9 * double(schedules) / perSecond : -1;
}

}  // namespace ivb
