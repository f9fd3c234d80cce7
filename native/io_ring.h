#pragma once
// An io_uring for one thread, with the buffers that the kernel receives into.
#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "handle.h"

namespace ivb {

struct IoRingOptions {
  uint32_t buffers;      ///< a power of two up to maxBuffers
  size_t bufferBytes;    ///< that the kernel may fill
  uint32_t busyPollUs;   ///< that a wait polls the network device before it sleeps; 0: not
  bool tellsWork;        ///< the kernel says in shared memory when it has work for the thread: hasWork()
};

/// Made by any thread on the CPU of the one that enables it: the rings and buffers are of that CPU's node. Used and
/// destroyed by that one. A buffer is the kernel's to receive into, or ours
/// with a number; at first all are the kernel's.
class IoRing {
 public:
  static constexpr uint32_t maxBuffers = 16384;  // the kernel's limit of 32768 submissions, see the constructor
  static constexpr uint16_t bufferGroup = 0;

  /// Throws SystemError: IO_URING where the kernel or a sandbox has no such ring, else RESOURCES.
  explicit IoRing(const IoRingOptions& options);
  IoRing(const IoRing&) = delete;
  ~IoRing() { io_uring_queue_exit(&ring_); }

  /// The calling thread is the ring's from now on.
  void enable();
  /// The next free submission, zeroed by the prep function that fills it.
  io_uring_sqe* prepare();
  /// Submits what was prepared and sleeps until that many completions are there; may return early.
  void submitAndWait(uint32_t completions);
  /// Whether a submitAndTake() would do anything. Costs no system call; of a ring that tells work.
  bool hasWork() const;
  /// Submits what was prepared and has the kernel finish what it can, without sleeping.
  void submitAndTake();
  /// Calls `handle` with each completion that is there.
  template <typename Handle>
  void takeCompletions(Handle handle) {
    io_uring_cqe* completion;
    unsigned head, taken = 0;
    io_uring_for_each_cqe(&ring_, head, completion) {
      handle(*completion);
      taken++;
    }
    io_uring_cq_advance(&ring_, taken);
  }

  uint32_t buffers() const { return buffers_; }
  uint8_t* buffer(uint16_t number) { return memory_.data() + number * stride_; }
  /// Gives a buffer to the kernel, which sees it at the next publish().
  void give(uint16_t number) {
    io_uring_buf_ring_add(kernelBuffers(), buffer(number), bufferBytes_, number, io_uring_buf_ring_mask(buffers_),
                          int(given_++));
  }
  void publish() {
    if (given_ > 0) io_uring_buf_ring_advance(kernelBuffers(), int(given_));
    given_ = 0;
  }

  /// NUMA nodes of the buffers.
  std::set<int> memoryNodes() const;
  /// How the kernel runs the ring, by words.
  std::string mode() const;

 private:
  io_uring_buf_ring* kernelBuffers() const { return reinterpret_cast<io_uring_buf_ring*>(entries_.data()); }
  void provideBuffers();
  void check(int result);

  uint32_t buffers_, bufferBytes_;
  size_t stride_;
  Mapping entries_, memory_;
  uint32_t given_ = 0;  // since the last publish()
  bool busyPolls_ = false;
  io_uring ring_{};
};

}  // namespace ivb
