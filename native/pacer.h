#pragma once
// When requests are due: a schedule in user space, for engines whose loop is ours.
#include <cstdint>

namespace ivb {

class Pacer {
 public:
  /// How many of at most `limit` requests are due at `nowNs`, at `intervalNs` each (0: unpaced, below 0: paused).
  uint32_t due(uint64_t nowNs, double intervalNs, uint32_t limit) {
    if (intervalNs <= 0) {
      intervalNs_ = intervalNs;
      uint32_t count = intervalNs == 0 ? limit : 0;
      offered_ += count;
      return count;
    }
    // A new rate starts a new schedule: the time before it, a pause included, is not made up for.
    if (intervalNs != intervalNs_) {
      intervalNs_ = intervalNs;
      originNs_ = nowNs;
      scheduled_ = 0;
    }
    double elapsed = double(nowNs - originNs_) / intervalNs;
    double lag = elapsed - double(scheduled_);
    if (lag < 1) return 0;
    // Too far behind: the schedule slips instead of bursting; what slipped was offered but not sent.
    double slipped = lag - maxLagNs / intervalNs - double(limit);
    if (slipped >= 1) {
      scheduled_ += uint64_t(slipped);
      offered_ += uint64_t(slipped);
      lag -= double(uint64_t(slipped));
    }
    uint32_t count = lag < double(limit) ? uint32_t(lag) : limit;
    scheduled_ += count;
    offered_ += count;
    return count;
  }

  /// Requests the schedule has asked for.
  uint64_t offered() const { return offered_; }

 private:
  static constexpr double maxLagNs = 100000;
  double intervalNs_ = -1;
  uint64_t originNs_ = 0;
  uint64_t scheduled_ = 0;
  uint64_t offered_ = 0;
};

}  // namespace ivb
