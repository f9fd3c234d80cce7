#pragma once
// How fast CPUs are, now and then: on each a short loop in registers, timed every 10 ms. A virtual or shared host slows a
// CPU for tenths of a second, as others work on the same core, in ways that show neither as steal time nor as an interrupt
// nor as a gap in a thread's loop.
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "thread_group.h"

namespace ivb {

/// One timed loop, the same work each time.
struct SpeedLook {
  uint64_t atNs;  ///< when it ended, CLOCK_MONOTONIC
  uint64_t tookNs;
};

class SpeedWatch {
 public:
  /// Looks at each CPU from now on. Throws SystemError.
  explicit SpeedWatch(const std::vector<int>& cpus);

  /// The looks at each CPU since the last call, in the order of the CPUs; the last 10 s at most.
  std::vector<std::vector<SpeedLook>> take();
  void stop() { threads_.join(); }

 private:
  struct Looks {
    std::mutex lock;
    std::deque<SpeedLook> all;
  };

  void watch(Looks& looks);

  std::deque<Looks> cpus_;
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace ivb
