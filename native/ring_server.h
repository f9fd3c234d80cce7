#pragma once
// One thread's requests on a ring: received into the ring's buffers, answered from them.
#include <sys/socket.h>

#include "handle.h"
#include "io_ring.h"
#include "udp_invoker.h"

namespace ivb {

class RingServer {
 public:
  /// What the ring's buffers must hold: what the kernel writes in front of a payload, and the payload.
  static const size_t bufferBytes;

  /// Serves `socket` until `wake` becomes readable.
  RingServer(IoRing& ring, const Fd& socket, const Fd& wake, const Work& work, const Waiting& waiting,
             InvokerCounters& counters);

  /// Returns when all that was received before the wake-up is answered. Throws SystemError.
  void run();

 private:
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
  bool spins_;
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
