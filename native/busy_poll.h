#pragma once
// Busy polling of a socket's receive queue by the thread that asks (Linux 5.11 and a capable driver; veth ignores it).
#include <sys/socket.h>

#include <cstdint>

namespace ivb {

/// Best effort: without CAP_NET_ADMIN or on an older kernel the socket works without.
inline void preferBusyPoll(int fd, uint32_t microseconds) {
  constexpr int preferOption = 69, budgetOption = 70;  // SO_PREFER_BUSY_POLL, SO_BUSY_POLL_BUDGET
  int on = 1, budget = 64, time = int(microseconds);
  setsockopt(fd, SOL_SOCKET, preferOption, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &time, sizeof time);
  setsockopt(fd, SOL_SOCKET, budgetOption, &budget, sizeof budget);
}

/// Microseconds the kernel granted; 0 if none.
inline int grantedBusyPollUs(int fd) {
  int time = 0;
  socklen_t length = sizeof time;
  return getsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &time, &length) == 0 ? time : 0;
}

}  // namespace ivb
