#pragma once
// A UMEM with its free frames, the RX queues of an interface that fill them, and the sockets that share them all.
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "choices.h"
#include "frame_owners.h"
#include "handle.h"
#include "thread.h"
#include "xsk_socket.h"

namespace ivb {

struct XskQueueOptions {
  std::string interface;
  std::vector<uint32_t> rxQueues;  ///< that it receives from, at least one; what it sends leaves by the first
  uint32_t maxSeats;    ///< that the UMEM has frames for
  uint32_t depth;       ///< entries of fill and RX rings, a power of two: packets that may wait for a thread
  uint32_t ringSize;    ///< entries of TX and completion rings, a power of two
  uint32_t frameBytes;  ///< bytes of a UMEM chunk, a power of two
  CopyMode copyMode;
  bool hugePages;       ///< where there are any
  bool txMetadata;      ///< room before each frame for what the kernel is to do when it sends it
  uint32_t busyPollUs;  ///< 0: off
  uint32_t txBudget;    ///< frames a system call may send, where the kernel lets it be set

  /// As many as all rings can hold: no ring can ever starve another.
  uint64_t frames() const { return (uint64_t(depth) * rxQueues.size() + ringSize) * (1 + uint64_t(maxSeats)); }
};

/// What one thread receives from, a socket for each RX queue; it sends by the first.
using XskSeat = std::vector<XskSocket*>;

/// Where every frame of the UMEM is. The sum of all but `total` is `total` when nothing leaked.
struct FrameCensus {
  uint64_t total, free, fill, rx, tx, completion;
  // By the indices of the rings, which the kernel moves a little later than the frames: so below 0 for a moment.
  int64_t receiving;  ///< taken from a fill ring and not yet on an RX ring: a zero-copy driver fills its own ring with them
  int64_t sending;    ///< taken from a TX ring and not yet completed

  uint64_t accounted() const { return free + fill + rx + tx + completion + uint64_t(receiving + sending); }
};

/// The longest frame that a chunk takes in: XDP_PACKET_HEADROOM is kept before it.
constexpr uint32_t usableFrameBytes(uint32_t chunkBytes) { return chunkBytes - 256; }

class XskQueue {
 public:
  /// Allocates the UMEM. Throws SystemError.
  explicit XskQueue(const XskQueueOptions& options);
  XskQueue(const XskQueue&) = delete;
  ~XskQueue() { release(); }

  /// Creates and binds one more seat. Throws SystemError.
  XskSeat add();
  /// Closes the sockets of a seat whose rings are empty. The first one, which the others share their UMEM with, leaves last.
  void remove(const XskSeat& seat);
  /// The same of all that are left; what they counted stays.
  void removeAll();
  bool hasSeats() const { return !rxQueues_.front().sockets.empty(); }
  /// The socket that all of this began with.
  const XskSocket& first() const { return rxQueues_.front().sockets.front(); }
  /// Sum over all sockets, those that were removed included.
  XskStatistics statistics() const;

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
  /// Makes the driver take frames from the fill rings where it waits for a system call (zero-copy drivers do).
  void wakeDriver(const XskSeat& seat) const;
  /// Says that the frame at `address` went from one place to another; debug builds check it.
  void moved(uint64_t address, Owner from, Owner to) { owners_.move(address, from, to); }
  /// For generators, one thread a queue: one free frame's address, or false. Not locked.
  bool take(uint64_t& address);
  /// Of running threads it is a moment's guess; final when they are gone and nothing is `sending` any more.
  FrameCensus census();

 private:
  /// What an RX queue has of its own; all but the first one's completion ring stay empty.
  struct RxQueue {
    uint32_t number;
    ProducerRing<uint64_t> fill;
    ConsumerRing<uint64_t> completion;
    std::list<XskSocket> sockets;  // a list: sockets come and go, and stay where they are
  };

  void allocate();
  XskSocket& open(RxQueue& queue);
  void registerUmem(const XskSocket& socket);
  void bind(const RxQueue& queue, const XskSocket& socket);
  [[noreturn]] void refuse(const RxQueue& queue) const;
  bool isFirst(const RxQueue& queue) const { return &queue == &rxQueues_.front(); }
  ProducerRing<uint64_t>& fill() { return rxQueues_.front().fill; }
  ConsumerRing<uint64_t>& completion() { return rxQueues_.front().completion; }
  bool isTopped() const;
  void reap();
  /// Closes what is left of the sockets, and waits until the kernel has let go of them.
  void release();

  XskQueueOptions options_;
  uint32_t interfaceIndex_;
  bool huge_ = false;
  uint32_t txBudget_ = 0;  ///< that the kernel took; 0: its own
  Mapping area_;
  std::vector<RxQueue> rxQueues_;
  XskStatistics removed_{};           ///< of sockets that are gone
  uint32_t removedReceived_ = 0, removedSent_ = 0;  ///< what the kernel put on their RX rings and took from their TX rings
  std::vector<uint64_t> free_;
  FrameOwners owners_;
  std::optional<FrameCensus> last_;  ///< after removeAll()
  SpinLock lock_;
  uint64_t frames_ = 0;
};

}  // namespace ivb
