#include "io_ring.h"

#include <sys/syscall.h>

#include "error.h"
#include "pages.h"

namespace ivb {
namespace {

constexpr size_t cacheLine = 64;

Mapping bufferPages(size_t bytes) { return takePages(bytes, "RESOURCES", "buffers"); }

/// Why there is no ring, and what to do about it.
std::string refusal(int error) {
  switch (error) {
    case EPERM:
      return "io_uring is forbidden here, allow it by sysctl kernel.io_uring_disabled=0 and in the sandbox's seccomp "
             "profile";
    case ENOSYS:
      return "this kernel or sandbox has no io_uring, use Linux 6.1 or newer with CONFIG_IO_URING";
    case EINVAL:
      return "this kernel's io_uring lacks multishot receives or deferred task work, use Linux 6.1 or newer";
    case ENOMEM:
      return "cannot create an io_uring (raise RLIMIT_MEMLOCK: ulimit -l)";
    case EMFILE:
      return "cannot create an io_uring (raise ulimit -n)";
    default:
      return "cannot create an io_uring";
  }
}

/// Of liburing 2.3 some calls are missing or not exported.
int registerWith(const io_uring& ring, unsigned what, void* argument, unsigned count) {
  return int(syscall(SYS_io_uring_register, ring.ring_fd, what, argument, count));
}

/// Lets waits poll the devices that the ring's sockets receive from. Best effort, as with the socket's option.
bool pollDevices(const io_uring& ring, uint32_t microseconds) {
  constexpr unsigned registerNapi = 27;  // IORING_REGISTER_NAPI of Linux 6.9, which the headers of Debian 12 lack
  struct {
    uint32_t microseconds;
    uint8_t prefer, padding[3];
    uint64_t reserved;
  } request{microseconds, 1, {}, 0};
  return registerWith(ring, registerNapi, &request, 1) == 0;
}

}  // namespace

IoRing::IoRing(const IoRingOptions& options)
    : buffers_(options.buffers),
      bufferBytes_(uint32_t(options.bufferBytes)),
      stride_((options.bufferBytes + cacheLine - 1) / cacheLine * cacheLine),
      entries_(bufferPages(buffers_ * sizeof(io_uring_buf))),
      memory_(bufferPages(buffers_ * stride_)) {
  io_uring_params params{};
  // The one thread that submits also runs the kernel's work on completions, when it waits and not in the middle of a
  // function. No fallback without: SINGLE_ISSUER came with multishot recvmsg (6.0), DEFER_TASKRUN with sends that name
  // their receiver (6.1).
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_R_DISABLED |
                 IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | (options.tellsWork ? IORING_SETUP_TASKRUN_FLAG : 0);
  // Each buffer is in at most one submission and one completion; twice as many leave room for the few others.
  params.cq_entries = 2 * buffers_;
  if (int error = -io_uring_queue_init_params(2 * buffers_, &ring_, &params))
    throw SystemError("IO_URING", "io_uring_setup", error, refusal(error));
  try {
    provideBuffers();
  } catch (...) {
    io_uring_queue_exit(&ring_);
    throw;
  }
  busyPolls_ = options.busyPollUs > 0 && pollDevices(ring_, options.busyPollUs);
}

void IoRing::provideBuffers() {
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uint64_t>(kernelBuffers());
  registration.ring_entries = buffers_;
  registration.bgid = bufferGroup;
  if (int error = -io_uring_register_buf_ring(&ring_, &registration, 0))
    throw SystemError("RESOURCES", "io_uring_register(PBUF_RING)", error, "cannot provide buffers to receive into");
  for (uint32_t i = 0; i < buffers_; i++) give(uint16_t(i));
  publish();
}

void IoRing::enable() {
  if (registerWith(ring_, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) != 0)
    fail("RING", "io_uring_register(ENABLE_RINGS)", "cannot take over the ring");
}

io_uring_sqe* IoRing::prepare() {
  for (;;) {
    if (io_uring_sqe* entry = io_uring_get_sqe(&ring_)) return entry;
    submitAndWait(0);
  }
}

void IoRing::submitAndWait(uint32_t completions) {
  check(io_uring_submit_and_wait(&ring_, completions));
}

bool IoRing::hasWork() const {
  constexpr unsigned kernelHasWork = IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW;
  return io_uring_sq_ready(&ring_) || io_uring_cq_ready(&ring_) ||
         (__atomic_load_n(ring_.sq.kflags, __ATOMIC_RELAXED) & kernelHasWork);
}

void IoRing::submitAndTake() { check(io_uring_submit_and_get_events(&ring_)); }

void IoRing::check(int result) {
  // Interrupted, or the kernel is short of memory or of room for completions: the rest goes with the next turn.
  if (result >= 0 || result == -EINTR || result == -EAGAIN || result == -EBUSY) return;
  throw SystemError("RING", "io_uring_enter", -result, "the ring takes no more requests");
}

std::set<int> IoRing::memoryNodes() const { return nodesOf(memory_); }

std::string IoRing::mode() const {
  return std::string("single-issuer,defer-taskrun,submit-all") + (busyPolls_ ? ",busy-poll" : "");
}

}  // namespace ivb
