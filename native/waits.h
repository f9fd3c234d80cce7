#pragma once
// How long the threads of an invoker were ready to run and did not.
#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace ivb {

/// Of a thread since it began, from /proc/self/task/TID/schedstat (Documentation/scheduler/sched-stats.rst of the kernel).
/// What a hypervisor takes is not in it: that is steal time.
struct Waits {
  uint64_t delayNs;  ///< that it was ready to run while something else had its CPU, or woke up
  uint64_t runs;     ///< times that it got a CPU then
};

/// Of a thread of this process. Empty for one that is gone and where the kernel does not keep it (CONFIG_SCHED_INFO).
std::optional<Waits> waitsOf(pid_t thread);

/// Of the calling thread.
std::optional<Waits> ownWaits();

}  // namespace ivb
