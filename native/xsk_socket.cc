#include "xsk_socket.h"

#include <time.h>

#include "thread.h"

namespace ivb {
namespace {

constexpr uint64_t longestRefusalNs = 5000000000;
constexpr uint64_t anotherRefusalNs = 1000000000;
constexpr timespec refusalPause{0, 1000000};

}  // namespace

Fd openXskSocket() {
  Fd fd(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd) {
    bool full = errno == EMFILE || errno == ENFILE;
    fail("XDP_SOCKET", "socket(AF_XDP)",
         std::string("cannot create an AF_XDP socket (") +
             (full ? "raise ulimit -n" : "kernel without AF_XDP, or no CAP_NET_RAW") + ")");
  }
  return fd;
}

XskStatistics& operator+=(XskStatistics& sum, const XskStatistics& one) {
  sum.rxDropped += one.rxDropped;
  sum.rxInvalid += one.rxInvalid;
  sum.txInvalid += one.txInvalid;
  sum.rxRingFull += one.rxRingFull;
  sum.rxFillRingEmpty += one.rxFillRingEmpty;
  return sum;
}

XskStatistics XskSocket::statistics() const {
  xdp_statistics raw{};
  socklen_t length = sizeof raw;
  if (getsockopt(fd(), SOL_XDP, XDP_STATISTICS, &raw, &length) != 0)
    fail("XDP_SOCKET", "getsockopt(XDP_STATISTICS)", "cannot read the statistics of an AF_XDP socket");
  return {raw.rx_dropped,  raw.rx_invalid_descs,           raw.tx_invalid_descs,
          raw.rx_ring_full, raw.rx_fill_ring_empty_descs};
}

int XskSocket::pendingError() const {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

Kick XskSocket::kick(const std::string& interface) {
  if (sendto(fd(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) >= 0) return Kick::done;
  int error = errno;
  switch (error) {
    case EAGAIN:
    case ENOBUFS:
      return Kick::retry;
    case EBUSY:
      return Kick::batchStopped;
    case ENETDOWN:
    case ENXIO:
    case ENOMEM: {
      uint64_t nowNs = monotonicNs();
      // Between two that go on there is a turn of the loop; after a longer while it is another reset.
      if (nowNs - refusedLastNs_ > anotherRefusalNs) refusedSinceNs_ = nowNs;
      refusedLastNs_ = nowNs;
      if (nowNs - refusedSinceNs_ > longestRefusalNs)
        throw SystemError("SEND", "sendto(AF_XDP)", error, "cannot send on " + interface + " for 5 s");
      nanosleep(&refusalPause, nullptr);
      return Kick::refused;
    }
    default:
      throw SystemError("SEND", "sendto(AF_XDP)", error, "cannot send on " + interface);
  }
}

}  // namespace ivb
