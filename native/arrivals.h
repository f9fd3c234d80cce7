#pragma once
// When requests are due: constant gaps, or random ones as of many independent clients (a Poisson process).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "../bpf/generate.h"
#include "../bpf/track.h"
#include "choices.h"

namespace ivb {

enum class Arrival { constant, poisson };

template <>
struct Words<Arrival> {
  static constexpr Word<Arrival> list[] = {{Arrival::constant, "constant"}, {Arrival::poisson, "poisson"}};
};

/// Quantiles of the exponential distribution, scaled to a mean of exactly GENERATE_GAP_UNIT (but for rounding): one drawn
/// at random is a gap of a Poisson process.
inline std::array<uint32_t, GENERATE_GAPS> exponentialGaps() {
  std::array<double, GENERATE_GAPS> quantiles;
  double sum = 0;
  for (size_t i = 0; i < quantiles.size(); i++) sum += quantiles[i] = -std::log((double(i) + 0.5) / GENERATE_GAPS);
  std::array<uint32_t, GENERATE_GAPS> gaps;
  for (size_t i = 0; i < gaps.size(); i++)
    gaps[i] = uint32_t(std::lround(quantiles[i] * GENERATE_GAPS / sum * GENERATE_GAP_UNIT));
  return gaps;
}

/// How far behind a schedule may be and still send all that is due. What is further behind is left out.
struct CatchUp {
  double ns;
  double requests;  ///< of all schedules together, where they take longer than that

  /// For a request every `intervalNs` of all schedules together.
  double boundNs(double intervalNs) const {
    // Replies to older ones would count as late, however fast the server.
    constexpr double longestNs = TRACK_TIMEOUT_NS / 2;
    return std::max(ns, std::min(requests * intervalNs, longestNs));
  }
};

/// A schedule in user space, for engines whose loop is ours; bpf/generate.bpf.c has the same for live frames.
class Schedule {
 public:
  /// One of `count` schedules that share a rate: each begins at a phase of its own.
  Schedule(Arrival arrival, CatchUp catchUp, uint32_t index, uint32_t count)
      : arrival_(arrival),
        catchUp_(catchUp),
        count_(count),
        phase_(double(index) / count),
        random_(index * 2654435761u | 1) {
    if (arrival == Arrival::poisson) gaps_ = exponentialGaps();
  }

  /// Whether one more request is due at `nowNs`, at `intervalNs` each on average (0: unpaced, below 0: paused), and since
  /// when.
  bool next(uint64_t nowNs, double intervalNs, uint64_t& dueNs) {
    dueNs = nowNs;
    // A new rate starts a new schedule: the time before it, a pause included, is not made up for.
    if (intervalNs != intervalNs_) {
      intervalNs_ = intervalNs;
      maxLagNs_ = catchUp_.boundNs(intervalNs / count_);
      originNs_ = nowNs;
      next_ = phase_ * std::max(0.0, intervalNs);
    }
    if (intervalNs <= 0) {
      offered_ += intervalNs == 0;
      return intervalNs == 0;
    }
    double lag = double(nowNs - originNs_) - next_;
    if (lag < 0) return false;
    // What is too far behind is left out instead of bursting: it was offered but not sent.
    if (lag > maxLagNs_) {
      double slipped = std::floor((lag - maxLagNs_) / intervalNs);
      offered_ += uint64_t(slipped);
      next_ += slipped * intervalNs;
    }
    dueNs = originNs_ + uint64_t(next_);
    next_ += intervalNs * gap();
    offered_++;
    return true;
  }

  /// Requests the schedule has asked for.
  uint64_t offered() const { return offered_; }

 private:
  /// Of a mean of 1.
  double gap() {
    if (arrival_ == Arrival::constant) return 1;
    // xorshift by George Marsaglia (2003).
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    return double(gaps_[(random_ >> 8) & (GENERATE_GAPS - 1)]) / GENERATE_GAP_UNIT;
  }

  Arrival arrival_;
  CatchUp catchUp_;
  uint32_t count_;
  double maxLagNs_ = 0;
  double phase_;
  uint32_t random_;
  std::array<uint32_t, GENERATE_GAPS> gaps_{};
  double intervalNs_ = -1;
  uint64_t originNs_ = 0;
  double next_ = 0;  ///< ns after the origin
  uint64_t offered_ = 0;
};

}  // namespace ivb
