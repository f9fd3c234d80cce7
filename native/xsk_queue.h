#pragma once
// One RX queue of an interface: its UMEM, fill and completion rings, free frames, and the sockets that share them.
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "choices.h"
#include "frame_owners.h"
#include "handle.h"
#include "thread.h"
#include "xsk_ring.h"

namespace ivb {

struct XskQueueOptions {
  std::string interface;
  uint32_t queue;
  uint32_t maxSockets;  ///< that the UMEM has frames for
  uint32_t depth;       ///< entries of fill and RX rings, a power of two: packets that may wait for a thread
  uint32_t ringSize;    ///< entries of TX and completion rings, a power of two
  uint32_t frameBytes;  ///< bytes of a UMEM chunk, a power of two
  CopyMode copyMode;
  bool hugePages;       ///< where there are any
  bool txMetadata;      ///< room before each frame for what the kernel is to do when it sends it
  uint32_t busyPollUs;  ///< 0: off
  uint32_t txBudget;    ///< frames a system call may send, where the kernel lets it be set

  /// As many as all rings can hold: no ring can ever starve another.
  uint64_t frames() const { return (uint64_t(depth) + ringSize) * (1 + uint64_t(maxSockets)); }
};

/// XDP_STATISTICS of one socket, and what XDP_OPTIONS says was granted.
struct XskStatistics {
  uint64_t rxDropped, rxInvalid, txInvalid, rxRingFull, rxFillRingEmpty;
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

/// Pages of a UMEM are all taken at once: what cannot be had is to be said, not to bring the machine down. Throws
/// SystemError UMEM, which says the remedy.
void refuseMoreThanMemory(uint64_t bytes, const char* remedy);

class XskQueue {
 public:
  /// Allocates the UMEM. Throws SystemError.
  explicit XskQueue(const XskQueueOptions& options);

  /// Creates and binds one more socket. Throws SystemError.
  XskSocket& add();
  /// Closes a socket whose rings are empty. The first one, which the others share their UMEM with, leaves last.
  void remove(XskSocket& socket);
  const std::list<XskSocket>& sockets() const { return sockets_; }

  uint8_t* frame(uint64_t address) const { return area_.data() + address; }
  /// The start of the chunk that an address lies in; chunks are a power of two.
  uint64_t chunkOf(uint64_t address) const { return address & ~uint64_t(options_.frameBytes - 1); }
  uint64_t frames() const { return frames_; }
  /// "copy" or "zerocopy", read back from the kernel.
  const char* grantedCopyMode() const;
  /// NUMA nodes of the UMEM.
  std::set<int> memoryNodes() const;
  /// "huge" or "normal".
  const char* grantedPages() const { return huge_ ? "huge" : "normal"; }
  /// Frames a system call may send, or "default" where the kernel lets it not be set.
  std::string grantedTxBudget() const { return txBudget_ ? std::to_string(txBudget_) : "default"; }

  /// Takes all completed frames and the caller's `dropped` ones back (and empties that list), then tops up the fill
  /// ring. Locked: the threads of a queue share it.
  void recycle(std::vector<uint64_t>& dropped);
  /// At most `limit` completed frames straight back into the fill ring, nothing else; returns how many (ClassicLoop).
  uint32_t refillFromCompletions(uint32_t limit);
  /// Whether the driver waits for a system call before it takes frames to fill (zero-copy drivers do).
  bool fillNeedsWakeup() const { return fill_.needsWakeup(); }
  /// Says that the frame at `address` went from one place to another; debug builds check it.
  void moved(uint64_t address, Owner from, Owner to) { owners_.move(address, from, to); }
  /// For generators, one thread a queue: one free frame's address, or false. Not locked.
  bool take(uint64_t& address);
  FrameCensus census();

 private:
  void allocate();
  void registerUmem(const XskSocket& socket);
  void bind(const XskSocket& socket);
  void reap();

  XskQueueOptions options_;
  uint32_t interfaceIndex_;
  bool huge_ = false;
  uint32_t txBudget_ = 0;  ///< that the kernel took; 0: its own
  Mapping area_;
  std::list<XskSocket> sockets_;  // a list: sockets come and go, and stay where they are
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
