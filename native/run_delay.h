#pragma once
// How long the threads of an invoker were ready to run and did not.
#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace ivb {

/// Nanoseconds that a thread of this process was ready to run while something else had its CPU, since it began: the
/// second field of /proc/self/task/TID/schedstat (Documentation/scheduler/sched-stats.rst of the kernel). Empty for a
/// thread that is gone and where the kernel does not keep it (CONFIG_SCHED_INFO). What a hypervisor takes is not in it:
/// that is steal time.
std::optional<uint64_t> runDelayNs(pid_t thread);

/// The same of the calling thread.
std::optional<uint64_t> ownRunDelayNs();

}  // namespace ivb
