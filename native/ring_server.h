#pragma once
// One thread's requests on a ring: received into the ring's buffers, answered from them.
#include <sys/socket.h>

#include "handle.h"
#include "io_ring.h"
#include "udp_invoker.h"

namespace ivb {

/// What a RingServer serves, and how.
struct RingTask {
  IoRing& ring;
  const Fd& socket;
  const Fd& wake;  ///< becomes readable when the thread is to leave
  const Work& work;
  const Waiting& waiting;
  RepliesFrom repliesFrom;
  Answers answers;
  InvokerCounters& counters;
};

class RingServer {
 public:
  /// What the ring's buffers must hold: what the kernel writes in front of a payload, and the payload.
  static const size_t bufferBytes;

  explicit RingServer(const RingTask& task);

  /// Returns when all that was received before the wake-up is answered. Throws SystemError.
  void run();

 private:
  /// The header of a reply that names the address it comes from. It stays while the reply is under way.
  struct Reply {
    iovec vector;
    msghdr header;
  };

  void receive();
  void awaitWake();
  void leave();
  void complete(const io_uring_cqe& completion);
  void received(const io_uring_cqe& completion);
  void answer(uint16_t number, size_t bytes);
  void sent(uint16_t number, int result);
  void giveBack(uint16_t number);

  IoRing& ring_;
  int socket_, wake_;
  Work work_;
  Answers answers_;
  bool spins_;
  std::vector<Reply> replies_;  ///< one a buffer; none where there is only one address
  InvokerCounters& counters_;
  msghdr shape_{};          ///< of what the kernel writes in front of a payload
  bool receiving_ = false;  ///< a receive is under way
  bool fruitful_ = false;   ///< it brought a datagram
  bool leaving_ = false;    ///< only what is in the socket's buffer is still received
  bool drained_ = false;    ///< and that is empty
  uint32_t held_ = 0;       ///< buffers that are not the kernel's
  uint32_t sending_ = 0;    ///< of these, under way as replies
};

}  // namespace ivb
