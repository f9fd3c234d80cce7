#pragma once
// Waiting for the kernel to forget what was just changed.
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace ivb {

/// Returns when no packet is still on its way by a steering rule that was replaced before the call: the kernel steers
/// inside RCU read sections, and this command of membarrier() waits for all of them.
inline void awaitGracePeriod() {
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return;
  // Not on kernels with nohz_full, nor in some sandboxes: far longer than a packet needs from steering to its queue.
  timespec pause{0, 50000000};
  nanosleep(&pause, nullptr);
}

}  // namespace ivb
