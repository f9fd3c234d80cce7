#pragma once
// Busy polling of a socket's receive queue by the thread that asks (Linux 5.11 and a capable driver; veth ignores it).
#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace ivb {

/// Best effort: without CAP_NET_ADMIN or on an older kernel the socket works without.
inline void preferBusyPoll(int fd, uint32_t microseconds) {
  constexpr int preferOption = 69, budgetOption = 70;  // SO_PREFER_BUSY_POLL, SO_BUSY_POLL_BUDGET
  int on = 1, budget = 64, time = int(microseconds);
  setsockopt(fd, SOL_SOCKET, preferOption, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &time, sizeof time);
  setsockopt(fd, SOL_SOCKET, budgetOption, &budget, sizeof budget);
}

/// What is in force: "off", or the microseconds and the NAPI instance that is polled: "20 us, NAPI 8193". A socket has
/// none before its first packet, and none ever where the driver has none to poll: "20 us, no NAPI".
inline std::string grantedBusyPoll(int fd) {
  int time = 0, napi = 0;
  socklen_t length = sizeof time;
  if (getsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &time, &length) != 0 || time == 0) return "off";
  length = sizeof napi;
  bool hasNapi = getsockopt(fd, SOL_SOCKET, SO_INCOMING_NAPI_ID, &napi, &length) == 0 && napi != 0;
  return std::to_string(time) + " us, " + (hasNapi ? "NAPI " + std::to_string(napi) : "no NAPI");
}

}  // namespace ivb
