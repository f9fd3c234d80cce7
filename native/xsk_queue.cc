#include "xsk_queue.h"

#include <algorithm>

#include "busy_poll.h"
#include "interface_counters.h"
#include "pages.h"
#include "xsk_metadata.h"

namespace ivb {
namespace {

constexpr int maxTxSkbBudgetOption = 9;  // XDP_MAX_TX_SKB_BUDGET, Linux 6.17; not in older headers
constexpr int sendBufferBytes = 8 << 20;  // bounds the sent frames whose skbs the peer still holds

xdp_mmap_offsets mmapOffsets(int fd) {
  xdp_mmap_offsets offsets;
  socklen_t length = sizeof offsets;
  if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length) != 0)
    fail("XDP_SOCKET", "getsockopt(XDP_MMAP_OFFSETS)", "cannot read the ring layout");
  return offsets;
}

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

void refuseMoreThanMemory(uint64_t bytes, const char* remedy) {
  uint64_t memory = uint64_t(sysconf(_SC_PHYS_PAGES)) * uint64_t(sysconf(_SC_PAGESIZE));
  if (bytes <= memory / 2) return;
  throw SystemError("UMEM", "mmap", 0,
                    std::to_string(bytes >> 20) +
                        " MiB of UMEM are more than half of this machine's memory (" + remedy + ")");
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

XskQueue::XskQueue(const XskQueueOptions& options)
    : options_(options), interfaceIndex_(uint32_t(interfaceIndexOf(options.interface))) {
  frames_ = options.frames();
  allocate();
  owners_ = FrameOwners(frames_, options.frameBytes);
  free_.reserve(frames_);
  for (uint64_t i = frames_; i-- > 0;) free_.push_back(i * options.frameBytes);
}

void XskQueue::allocate() {
  size_t bytes = frames_ * options_.frameBytes;
  std::optional<Mapping> huge = options_.hugePages ? takeHugePages(bytes) : std::nullopt;
  huge_ = huge.has_value();
  area_ = huge ? std::move(*huge) : takePages(bytes, "UMEM", "UMEM");
}

std::set<int> XskQueue::memoryNodes() const { return nodesOf(area_); }

XskSocket& XskQueue::add() {
  XskSocket socket(openXskSocket());
  xdp_mmap_offsets offsets = mmapOffsets(socket.fd());
  if (sockets_.empty()) {
    registerUmem(socket);
    fill_ = ProducerRing<uint64_t>(socket.fd(), XDP_UMEM_FILL_RING, "fill", options_.depth, offsets.fr,
                                   XDP_UMEM_PGOFF_FILL_RING);
    completion_ = ConsumerRing<uint64_t>(socket.fd(), XDP_UMEM_COMPLETION_RING, "completion", options_.ringSize,
                                         offsets.cr, XDP_UMEM_PGOFF_COMPLETION_RING);
  }
  socket.rx = ConsumerRing<xdp_desc>(socket.fd(), XDP_RX_RING, "RX", options_.depth, offsets.rx, XDP_PGOFF_RX_RING);
  socket.tx = ProducerRing<xdp_desc>(socket.fd(), XDP_TX_RING, "TX", options_.ringSize, offsets.tx, XDP_PGOFF_TX_RING);
  bind(socket);
  return sockets_.emplace_back(std::move(socket));
}

void XskQueue::remove(XskSocket& socket) {
  sockets_.remove_if([&socket](const XskSocket& candidate) { return &candidate == &socket; });
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
  if (setsockopt(socket.fd(), SOL_XDP, XDP_UMEM_REG, &reg, socklen_t(length)) == 0) return;
  if (options_.txMetadata && errno == EINVAL)
    fail("UMEM", "setsockopt(XDP_UMEM_REG)", "this kernel cannot complete checksums for AF_XDP (needs Linux 6.8; choose the policy zero or full)");
  fail("UMEM", "setsockopt(XDP_UMEM_REG)",
       "cannot register " + std::to_string(reg.bytes) + " bytes of UMEM (ENOBUFS: raise RLIMIT_MEMLOCK or grant CAP_IPC_LOCK)");
}

void XskQueue::bind(const XskSocket& socket) {
  sockaddr_xdp address{};
  address.sxdp_family = AF_XDP;
  address.sxdp_ifindex = interfaceIndex_;
  address.sxdp_queue_id = options_.queue;
  if (sockets_.empty()) {
    address.sxdp_flags = XDP_USE_NEED_WAKEUP;
    if (options_.copyMode == CopyMode::copy) address.sxdp_flags |= XDP_COPY;
    if (options_.copyMode == CopyMode::zerocopy) address.sxdp_flags |= XDP_ZEROCOPY;
  } else {
    // Inherits mode and rings of the first socket; any other flag beside this one is EINVAL.
    address.sxdp_flags = XDP_SHARED_UMEM;
    address.sxdp_shared_umem_fd = uint32_t(sockets_.front().fd());
  }
  if (::bind(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::string place = "queue " + std::to_string(options_.queue) + " of " + options_.interface;
    if (options_.copyMode == CopyMode::zerocopy && errno == EOPNOTSUPP)
      fail("XDP_ZEROCOPY", "bind(AF_XDP)", "zero-copy is not granted on " + place + ", its driver has none (choose copy or auto)");
    if (errno == EBUSY) fail("XDP_BIND", "bind(AF_XDP)", "another AF_XDP socket has " + place + " (end its process)");
    if (errno == EINVAL) fail("XDP_BIND", "bind(AF_XDP)", "cannot bind to " + place + " (does it exist? see ethtool -l)");
    fail("XDP_BIND", "bind(AF_XDP)", "cannot bind to " + place);
  }

  // All of these only make the path wider: an older kernel or a missing capability costs speed, not correctness.
  uint32_t budget = std::min(options_.txBudget, options_.ringSize);
  bool granted = setsockopt(socket.fd(), SOL_XDP, maxTxSkbBudgetOption, &budget, sizeof budget) == 0;
  txBudget_ = granted ? budget : 0;
  setsockopt(socket.fd(), SOL_SOCKET, SO_SNDBUFFORCE, &sendBufferBytes, sizeof sendBufferBytes);
  if (options_.busyPollUs) preferBusyPoll(socket.fd(), options_.busyPollUs);
}

const char* XskQueue::grantedCopyMode() const {
  xdp_options granted{};
  socklen_t length = sizeof granted;
  if (getsockopt(sockets_.front().fd(), SOL_XDP, XDP_OPTIONS, &granted, &length) != 0)
    fail("XDP_SOCKET", "getsockopt(XDP_OPTIONS)", "cannot read the granted mode");
  return granted.flags & XDP_OPTIONS_ZEROCOPY ? "zerocopy" : "copy";
}

void XskQueue::recycle(std::vector<uint64_t>& dropped) {
  std::lock_guard<SpinLock> guard(lock_);
  for (uint64_t address : dropped) {
    owners_.move(address, Owner::hand, Owner::free);
    free_.push_back(address);
  }
  dropped.clear();
  reap();

  uint32_t fill = uint32_t(std::min<size_t>(fill_.room(), free_.size()));
  for (uint32_t i = 0; i < fill; i++) {
    owners_.move(free_.back(), Owner::free, Owner::fill);
    fill_.put(free_.back());
    free_.pop_back();
  }
  if (fill) fill_.submit();
}

uint32_t XskQueue::refillFromCompletions(uint32_t limit) {
  std::lock_guard<SpinLock> guard(lock_);
  uint32_t count = std::min(completion_.ready(limit), fill_.room());
  for (uint32_t i = 0; i < count; i++) {
    uint64_t address = chunkOf(completion_.peek(i));
    owners_.move(address, Owner::tx, Owner::fill);
    fill_.put(address);
  }
  completion_.release(count);
  fill_.submit();
  return count;
}

/// All completed frames to the free stack. A frame comes back by the address it was sent with, inside its chunk.
void XskQueue::reap() {
  uint32_t completed = completion_.ready(UINT32_MAX);
  for (uint32_t i = 0; i < completed; i++) {
    uint64_t address = chunkOf(completion_.peek(i));
    owners_.move(address, Owner::tx, Owner::free);
    free_.push_back(address);
  }
  if (completed) completion_.release(completed);
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
  std::lock_guard<SpinLock> guard(lock_);
  FrameCensus census{frames_, free_.size(), fill_.filled(), 0, 0, completion_.filled()};
  for (const XskSocket& socket : sockets_) {
    census.rx += socket.rx.filled();
    census.tx += socket.tx.filled();
  }
  return census;
}

Kick kickTx(const XskSocket& socket, int& error) {
  if (sendto(socket.fd(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) >= 0) return Kick::done;
  error = errno;
  switch (error) {
    case EAGAIN:
    case ENOBUFS:
      return Kick::retry;  // budget spent, completion ring full or memory short: the descriptors are kept
    case EBUSY:
      return Kick::batchStopped;  // one frame was lost, though completed; the rest of the batch waits
    default:
      return Kick::gone;
  }
}

}  // namespace ivb
