#pragma once
// One AF_XDP socket: its rings, its counts, and the system call that sends.
#include <cstdint>
#include <string>

#include "handle.h"
#include "xsk_ring.h"

namespace ivb {

/// An AF_XDP socket, not bound yet. Throws SystemError XDP_SOCKET where the kernel or a capability is missing.
Fd openXskSocket();

/// XDP_STATISTICS of one socket.
struct XskStatistics {
  uint64_t rxDropped, rxInvalid, txInvalid, rxRingFull, rxFillRingEmpty;
};

XskStatistics& operator+=(XskStatistics& sum, const XskStatistics& one);

/// Outcome of asking the kernel to send.
enum class Kick {
  done,
  retry,         ///< budget spent, completion ring full or memory short: the descriptors are kept
  batchStopped,  ///< one frame was lost, though completed; the rest of the batch waits
  refused,       ///< the interface is down or being reset: the descriptors are kept
};

/// A bound AF_XDP socket with its RX ring and, where it sends, its TX ring.
class XskSocket {
 public:
  explicit XskSocket(Fd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }
  XskStatistics statistics() const;
  /// The error the kernel left on the socket, such as ENETDOWN when its interface went away; 0 if none.
  int pendingError() const;
  /// One sendto() that makes the kernel send from the TX ring. A reset of the interface (its channels, its MTU, its link)
  /// takes a moment: refused, the caller's thread rests for a millisecond before this returns. Throws SystemError SEND
  /// when the kernel has refused for 5 s, and for what does not pass.
  Kick kick(const std::string& interface);

  ConsumerRing<xdp_desc> rx;
  ProducerRing<xdp_desc> tx;

 private:
  Fd fd_;
  uint64_t refusedSinceNs_ = 0, refusedLastNs_ = 0;  ///< of the refusals that go on
};

}  // namespace ivb
