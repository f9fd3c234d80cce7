#pragma once
// One RX queue of an interface: its UMEM, fill and completion rings, free frames, and the sockets that share them.
#include <mutex>
#include <string>
#include <vector>

#include "frame_owners.h"
#include "handle.h"
#include "thread.h"
#include "xsk_ring.h"

namespace ivb {

struct XskQueueOptions {
  std::string interface;
  uint32_t queue;
  uint32_t sockets;     ///< sockets (threads) that share the queue
  uint32_t ringSize;    ///< entries of each ring, a power of two
  uint32_t frameBytes;  ///< bytes of a UMEM chunk, a power of two
};

/// XDP_STATISTICS of one socket, and what XDP_OPTIONS says was granted.
struct XskStatistics {
  uint64_t rxDropped, rxInvalid, txInvalid, rxRingFull, rxFillRingEmpty, txRingEmpty;
};

/// A bound AF_XDP socket with its own RX and TX ring.
class XskSocket {
 public:
  explicit XskSocket(Fd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }
  XskStatistics statistics() const;
  /// The error the kernel left on the socket, such as ENETDOWN when its interface went away; 0 if none.
  int pendingError() const;

  ConsumerRing<xdp_desc> rx;
  ProducerRing<xdp_desc> tx;

 private:
  Fd fd_;
};

/// Where every frame of the UMEM is. The sum of all but `total` is `total` when nothing leaked.
struct FrameCensus {
  uint64_t total, free, fill, rx, tx, completion;
};

/// Outcome of asking the kernel to send.
enum class Kick { done, retry, batchStopped, gone };

/// An AF_XDP socket, not bound yet. Throws SystemError XDP_SOCKET where the kernel or a capability is missing.
Fd openXskSocket();

class XskQueue {
 public:
  /// Creates and binds all sockets of the queue. Throws SystemError.
  explicit XskQueue(const XskQueueOptions& options);

  size_t size() const { return sockets_.size(); }
  XskSocket& socket(size_t index) { return sockets_[index]; }
  uint8_t* frame(uint64_t address) const { return area_.data() + address; }
  /// The start of the chunk that an address lies in; chunks are a power of two.
  uint64_t chunkOf(uint64_t address) const { return address & ~uint64_t(options_.frameBytes - 1); }
  /// "copy" or "zerocopy", read back from the kernel.
  const char* grantedCopyMode() const;

  /// Takes all completed frames and the caller's `dropped` ones back (and empties that list), then tops up the fill
  /// ring. Locked: the threads of a queue share it.
  void recycle(std::vector<uint64_t>& dropped);
  /// Whether the driver waits for a system call before it takes frames to fill (zero-copy drivers do).
  bool fillNeedsWakeup() const { return fill_.needsWakeup(); }
  /// Says that the frame at `address` went from one place to another; debug builds check it.
  void moved(uint64_t address, Owner from, Owner to) { owners_.move(address, from, to); }
  /// For generators, which never fill: one free frame's address, or false.
  bool take(uint64_t& address);
  FrameCensus census();

 private:
  void bind(XskSocket& socket, uint32_t interfaceIndex);
  void reap();

  XskQueueOptions options_;
  Mapping area_;
  std::vector<XskSocket> sockets_;
  ProducerRing<uint64_t> fill_;
  ConsumerRing<uint64_t> completion_;
  std::vector<uint64_t> free_;
  FrameOwners owners_;
  SpinLock lock_;
  uint64_t frames_ = 0;
};

/// One sendto() that makes the kernel send from the socket's TX ring; says what to do next, with its errno.
Kick kickTx(const XskSocket& socket, int& error);

}  // namespace ivb
