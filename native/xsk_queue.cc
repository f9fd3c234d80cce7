#include "xsk_queue.h"

#include <linux/if_ether.h>

#include <algorithm>

#include "busy_poll.h"
#include "interface_counters.h"
#include "interface_facts.h"
#include "kernel_version.h"
#include "pages.h"
#include "xsk_metadata.h"

namespace ivb {
namespace {

constexpr int maxTxSkbBudgetOption = 9;  // XDP_MAX_TX_SKB_BUDGET, Linux 6.17; not in older headers
constexpr int sendBufferBytes = 8 << 20;  // bounds the sent frames whose skbs the peer still holds
constexpr timespec releasePause{0, 500000000};  // the kernel takes zero-copy off a queue after its socket is closed

xdp_mmap_offsets mmapOffsets(int fd) {
  xdp_mmap_offsets offsets;
  socklen_t length = sizeof offsets;
  if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length) != 0)
    fail("XDP_SOCKET", "getsockopt(XDP_MMAP_OFFSETS)", "cannot read the ring layout");
  return offsets;
}

}  // namespace

XskQueue::XskQueue(const XskQueueOptions& options)
    : options_(options), interfaceIndex_(uint32_t(interfaceIndexOf(options.interface))) {
  frames_ = options.frames();
  allocate();
  owners_ = FrameOwners(frames_, options.frameBytes);
  free_.reserve(frames_);
  for (uint64_t i = frames_; i-- > 0;) free_.push_back(i * options.frameBytes);
  for (uint32_t number : options.rxQueues) rxQueues_.push_back({number, {}, {}, {}});
}

void XskQueue::allocate() {
  size_t bytes = frames_ * options_.frameBytes;
  std::optional<Mapping> huge = options_.hugePages ? takeHugePages(bytes) : std::nullopt;
  huge_ = huge.has_value();
  area_ = huge ? std::move(*huge) : takePages(bytes, "UMEM", "UMEM");
}

std::set<int> XskQueue::memoryNodes() const { return nodesOf(area_); }

XskSeat XskQueue::add() {
  XskSeat seat;
  try {
    for (RxQueue& queue : rxQueues_) seat.push_back(&open(queue));
  } catch (...) {
    remove(seat);
    throw;
  }
  return seat;
}

XskSocket& XskQueue::open(RxQueue& queue) {
  XskSocket socket(openXskSocket());
  xdp_mmap_offsets offsets = mmapOffsets(socket.fd());
  if (queue.sockets.empty()) {
    if (isFirst(queue)) registerUmem(socket);
    queue.fill = ProducerRing<uint64_t>(socket.fd(), XDP_UMEM_FILL_RING, "fill", options_.depth, offsets.fr,
                                        XDP_UMEM_PGOFF_FILL_RING);
    queue.completion = ConsumerRing<uint64_t>(socket.fd(), XDP_UMEM_COMPLETION_RING, "completion", options_.ringSize,
                                              offsets.cr, XDP_UMEM_PGOFF_COMPLETION_RING);
  }
  socket.rx = ConsumerRing<xdp_desc>(socket.fd(), XDP_RX_RING, "RX", options_.depth, offsets.rx, XDP_PGOFF_RX_RING);
  if (isFirst(queue))
    socket.tx = ProducerRing<xdp_desc>(socket.fd(), XDP_TX_RING, "TX", options_.ringSize, offsets.tx, XDP_PGOFF_TX_RING);
  bind(queue, socket);
  return queue.sockets.emplace_back(std::move(socket));
}

void XskQueue::removeAll() {
  while (hasSeats()) {
    XskSeat last;
    for (RxQueue& queue : rxQueues_) last.push_back(&queue.sockets.back());
    remove(last);
  }
  last_ = census();
  release();
}

void XskQueue::release() {
  if (!rxQueues_.front().fill.size()) return;  // nothing was opened, or all is released
  for (RxQueue& queue : rxQueues_) {
    queue.sockets.clear();
    queue.fill = {}, queue.completion = {};  // a mapping keeps its socket alive
  }
  if (options_.copyMode != CopyMode::copy) nanosleep(&releasePause, nullptr);
}

void XskQueue::remove(const XskSeat& seat) {
  // From the last: the first one of all holds the UMEM.
  for (size_t i = seat.size(); i-- > 0;) {
    const XskSocket* leaving = seat[i];
    RxQueue& queue = rxQueues_[i];
    XskStatistics last = leaving->statistics();
    // Of the RX queue, not of the socket: those that stay tell it, too.
    if (queue.sockets.size() > 1) last.rxFillRingEmpty = 0;
    removed_ += last;
    removedReceived_ += leaving->rx.produced();
    if (isFirst(queue)) removedSent_ += leaving->tx.consumed();
    queue.sockets.remove_if([leaving](const XskSocket& candidate) { return &candidate == leaving; });
  }
}

XskStatistics XskQueue::statistics() const {
  XskStatistics sum = removed_;
  for (const RxQueue& queue : rxQueues_) {
    for (const XskSocket& socket : queue.sockets) {
      XskStatistics one = socket.statistics();
      // The fill ring is the RX queue's: each of its sockets reports the same.
      if (&socket != &queue.sockets.front()) one.rxFillRingEmpty = 0;
      sum += one;
    }
  }
  return sum;
}

void XskQueue::registerUmem(const XskSocket& socket) {
  UmemRegistration reg{};
  reg.address = reinterpret_cast<uint64_t>(area_.data());
  reg.bytes = frames_ * options_.frameBytes;
  reg.chunkBytes = options_.frameBytes;
  // Without metadata the older, shorter form, which every kernel knows.
  size_t length = offsetof(UmemRegistration, txMetadataBytes);
  if (options_.txMetadata) {
    reg.flags = umemTxMetadata;
    reg.txMetadataBytes = sizeof(TxMetadata);
    length = sizeof reg;
  }
  auto registers = [&] { return setsockopt(socket.fd(), SOL_XDP, XDP_UMEM_REG, &reg, socklen_t(length)) == 0; };
  if (registers()) return;
  // Linux 6.8 to 6.10 take the length without the flag, which 6.11 made necessary; others would ignore the length.
  if (options_.txMetadata && errno == EINVAL && kernelIsAtLeast(6, 8) && !kernelIsAtLeast(6, 11)) {
    reg.flags = 0;
    if (registers()) return;
  }
  if (options_.txMetadata && errno == EINVAL)
    fail("UMEM", "setsockopt(XDP_UMEM_REG)", "this kernel cannot complete checksums for AF_XDP (needs Linux 6.8; choose the policy zero or full)");
  fail("UMEM", "setsockopt(XDP_UMEM_REG)",
       "cannot register " + std::to_string(reg.bytes) + " bytes of UMEM (ENOBUFS: raise RLIMIT_MEMLOCK or grant CAP_IPC_LOCK)");
}

void XskQueue::bind(const RxQueue& queue, const XskSocket& socket) {
  sockaddr_xdp address{};
  address.sxdp_family = AF_XDP;
  address.sxdp_ifindex = interfaceIndex_;
  address.sxdp_queue_id = queue.number;
  if (isFirst(queue) && queue.sockets.empty()) {
    address.sxdp_flags = XDP_USE_NEED_WAKEUP;
    if (options_.copyMode == CopyMode::copy) address.sxdp_flags |= XDP_COPY;
    if (options_.copyMode == CopyMode::zerocopy) address.sxdp_flags |= XDP_ZEROCOPY;
  } else {
    // Inherits the UMEM and its mode from the first socket of all, and the rings from the first one of its RX queue; any
    // other flag beside this one is EINVAL.
    const XskSocket& owner = queue.sockets.empty() ? first() : queue.sockets.front();
    address.sxdp_flags = XDP_SHARED_UMEM;
    address.sxdp_shared_umem_fd = uint32_t(owner.fd());
  }
  if (::bind(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) refuse(queue);

  // All of these only make the path wider: an older kernel or a missing capability costs speed, not correctness.
  if (options_.busyPollUs) preferBusyPoll(socket.fd(), options_.busyPollUs);
  if (!isFirst(queue)) return;
  uint32_t budget = std::min(options_.txBudget, options_.ringSize);
  bool granted = setsockopt(socket.fd(), SOL_XDP, maxTxSkbBudgetOption, &budget, sizeof budget) == 0;
  txBudget_ = granted ? budget : 0;
  setsockopt(socket.fd(), SOL_SOCKET, SO_SNDBUFFORCE, &sendBufferBytes, sizeof sendBufferBytes);
}

/// Throws why a bind failed, with the current errno.
void XskQueue::refuse(const RxQueue& queue) const {
  constexpr auto call = "bind(AF_XDP)";
  int error = errno;
  std::string place = "queue " + std::to_string(queue.number) + " of " + options_.interface;
  if (error == EBUSY) throw SystemError("XDP_BIND", call, error, "another AF_XDP socket has " + place + " (end its process)");
  QueueCounts present = queueCounts(options_.interface);
  if (error == EINVAL && present.rx && queue.number >= std::max(present.rx, present.tx))
    throw SystemError("XDP_BIND", call, error,
                      "there is no " + place + ", which has " + std::to_string(present.rx) + " RX and " +
                          std::to_string(present.tx) + " TX queues (ethtool -L changes that)");
  if (options_.copyMode != CopyMode::zerocopy) throw SystemError("XDP_BIND", call, error, "cannot bind to " + place);

  uint32_t mtuBytes = mtuOf(options_.interface);
  std::string mtu = std::to_string(mtuBytes), chunk = std::to_string(options_.frameBytes);
  std::string reason = "its driver " + driverOf(options_.interface) + " refuses it at an MTU of " + mtu + " with chunks of " +
                       chunk + " bytes (virtio_net needs a device with iommu_platform=on; choose copy or auto)";
  if (error == EOPNOTSUPP) reason = "its driver has none (choose copy or auto)";
  if (error == EINVAL && mtuBytes + ETH_HLEN > usableFrameBytes(options_.frameBytes))
    reason = "whose MTU of " + mtu + " is more than chunks of " + chunk + " bytes hold (choose larger chunks or a smaller MTU)";
  throw SystemError("XDP_ZEROCOPY", call, error, "zero-copy is not granted on " + place + ", " + reason);
}

const char* XskQueue::grantedCopyMode() const {
  xdp_options granted{};
  socklen_t length = sizeof granted;
  if (getsockopt(first().fd(), SOL_XDP, XDP_OPTIONS, &granted, &length) != 0)
    fail("XDP_SOCKET", "getsockopt(XDP_OPTIONS)", "cannot read the granted mode");
  return granted.flags & XDP_OPTIONS_ZEROCOPY ? "zerocopy" : "copy";
}

bool XskQueue::isTopped() const {
  return rxQueues_.front().completion.filled() == 0 &&
         std::all_of(rxQueues_.begin(), rxQueues_.end(),
                     [this](const RxQueue& queue) { return queue.fill.filled() == options_.depth; });
}

void XskQueue::recycle(std::vector<uint64_t>& dropped) {
  // Looked at without the lock: an idle thread takes none from the others of the queue.
  if (dropped.empty() && isTopped()) return;
  std::lock_guard<SpinLock> guard(lock_);
  for (uint64_t address : dropped) {
    owners_.move(address, Owner::hand, Owner::free);
    free_.push_back(address);
  }
  dropped.clear();
  reap();

  for (RxQueue& queue : rxQueues_) {
    uint32_t fill = uint32_t(std::min<size_t>(queue.fill.room(), free_.size()));
    for (uint32_t i = 0; i < fill; i++) {
      owners_.move(free_.back(), Owner::free, Owner::fill);
      queue.fill.put(free_.back());
      free_.pop_back();
    }
    if (fill) queue.fill.submit();
  }
}

void XskQueue::wakeDriver(const XskSeat& seat) const {
  for (size_t i = 0; i < seat.size(); i++) {
    if (rxQueues_[i].fill.needsWakeup() || options_.busyPollUs)
      recvfrom(seat[i]->fd(), nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);
  }
}

uint32_t XskQueue::refillFromCompletions(uint32_t limit) {
  std::lock_guard<SpinLock> guard(lock_);
  uint32_t count = std::min(completion().ready(limit), fill().room());
  for (uint32_t i = 0; i < count; i++) {
    uint64_t address = chunkOf(completion().peek(i));
    owners_.move(address, Owner::tx, Owner::fill);
    fill().put(address);
  }
  completion().release(count);
  fill().submit();
  return count;
}

/// All completed frames to the free stack. A frame comes back by the address it was sent with, inside its chunk.
void XskQueue::reap() {
  uint32_t completed = completion().ready(UINT32_MAX);
  for (uint32_t i = 0; i < completed; i++) {
    uint64_t address = chunkOf(completion().peek(i));
    owners_.move(address, Owner::tx, Owner::free);
    free_.push_back(address);
  }
  if (completed) completion().release(completed);
}

bool XskQueue::take(uint64_t& address) {
  reap();
  if (free_.empty()) return false;
  address = free_.back();
  free_.pop_back();
  owners_.move(address, Owner::free, Owner::hand);
  return true;
}

FrameCensus XskQueue::census() {
  if (last_) return *last_;
  std::lock_guard<SpinLock> guard(lock_);
  FrameCensus census{.total = frames_, .free = free_.size()};
  // What the kernel took minus what it gave, modulo 2^32 as the indices of the rings are.
  uint32_t receiving = 0 - removedReceived_, sending = removedSent_;
  for (const RxQueue& queue : rxQueues_) {
    census.fill += queue.fill.filled();
    receiving += queue.fill.consumed();
    census.completion += queue.completion.filled();
    sending -= queue.completion.produced();
    for (const XskSocket& socket : queue.sockets) {
      census.rx += socket.rx.filled();
      receiving -= socket.rx.produced();
      if (!isFirst(queue)) continue;
      census.tx += socket.tx.filled();
      sending += socket.tx.consumed();
    }
  }
  census.receiving = int32_t(receiving);
  census.sending = int32_t(sending);
  return census;
}

}  // namespace ivb
