#pragma once
// The four single-producer single-consumer rings of AF_XDP, seen from user space.
// Raw uapi instead of libxdp: one UMEM a queue with its own lock and owner accounting needs the rings themselves, and
// UMEM registration flags newer than Debian's libxdp.
#include <linux/if_xdp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>

#include "error.h"
#include "handle.h"

namespace ivb {

/// Shared by both directions: the mapped indices and entries of one ring.
template <typename Entry>
class XskRing {
 public:
  XskRing() = default;

  /// Sizes the ring with setsockopt(SOL_XDP, `option`) and maps it at `pageOffset`.
  XskRing(int fd, int option, const char* name, uint32_t size, const xdp_ring_offset& offset, uint64_t pageOffset)
      : size_(size) {
    if (setsockopt(fd, SOL_XDP, option, &size, sizeof size) != 0)
      fail("XDP_RING", "setsockopt(SOL_XDP)", std::string("cannot create the ") + name + " ring of " + std::to_string(size));
    size_t bytes = offset.desc + size_t(size) * sizeof(Entry);
    void* address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, off_t(pageOffset));
    if (address == MAP_FAILED) fail("XDP_RING", "mmap", std::string("cannot map the ") + name + " ring");
    mapping_ = Mapping(address, bytes);
    producer_ = reinterpret_cast<uint32_t*>(mapping_.data() + offset.producer);
    consumer_ = reinterpret_cast<uint32_t*>(mapping_.data() + offset.consumer);
    flags_ = reinterpret_cast<uint32_t*>(mapping_.data() + offset.flags);
    entries_ = reinterpret_cast<Entry*>(mapping_.data() + offset.desc);
  }

  uint32_t size() const { return size_; }
  /// Entries that were ever put on the ring, and ever taken from it, modulo 2^32.
  uint32_t produced() const { return __atomic_load_n(producer_, __ATOMIC_ACQUIRE); }
  uint32_t consumed() const { return __atomic_load_n(consumer_, __ATOMIC_ACQUIRE); }
  /// Entries between producer and consumer now, whoever owns either end. The consumer is read first: it never passes the
  /// producer, which may have gone on since.
  uint32_t filled() const {
    uint32_t taken = consumed();
    return std::min(produced() - taken, size_);
  }
  /// Whether the kernel waits for a system call before it looks at this ring.
  bool needsWakeup() const { return __atomic_load_n(flags_, __ATOMIC_RELAXED) & XDP_RING_NEED_WAKEUP; }
  Entry& at(uint32_t index) const { return entries_[index & (size_ - 1)]; }

 protected:
  Mapping mapping_;
  uint32_t size_ = 0;
  uint32_t* producer_ = nullptr;
  uint32_t* consumer_ = nullptr;
  uint32_t* flags_ = nullptr;
  Entry* entries_ = nullptr;
};

/// User space produces: fill and TX rings.
template <typename Entry>
class ProducerRing : public XskRing<Entry> {
 public:
  using XskRing<Entry>::XskRing;

  /// Entries that can be put now.
  uint32_t room() const { return this->size_ - pending(); }
  /// Entries the kernel has not taken yet, read from the shared consumer index (never from a counter of our own).
  uint32_t pending() const { return head_ - __atomic_load_n(this->consumer_, __ATOMIC_ACQUIRE); }
  /// Caller has checked room().
  void put(const Entry& entry) { this->at(head_++) = entry; }
  void submit() { __atomic_store_n(this->producer_, head_, __ATOMIC_RELEASE); }
  /// Entries the kernel has taken since the last call of this.
  uint32_t takenSince() {
    uint32_t before = taken_;
    taken_ = __atomic_load_n(this->consumer_, __ATOMIC_ACQUIRE);
    return taken_ - before;
  }

 private:
  uint32_t head_ = 0, taken_ = 0;
};

/// User space consumes: RX and completion rings.
template <typename Entry>
class ConsumerRing : public XskRing<Entry> {
 public:
  using XskRing<Entry>::XskRing;

  /// Entries ready now, at most `limit`.
  uint32_t ready(uint32_t limit) const {
    uint32_t count = __atomic_load_n(this->producer_, __ATOMIC_ACQUIRE) - tail_;
    return count < limit ? count : limit;
  }
  /// The i-th ready entry.
  const Entry& peek(uint32_t i) const { return this->at(tail_ + i); }
  void release(uint32_t count) {
    tail_ += count;
    __atomic_store_n(this->consumer_, tail_, __ATOMIC_RELEASE);
  }

 private:
  uint32_t tail_ = 0;
};

}  // namespace ivb
