#pragma once
// The loop of the AF_XDP samples of 2018, which the published experiment used, kept to show what its stalls come from
// (docs/afxdp.md). Its faults are its purpose: do not mend them, and do not serve anybody with it.
#include <poll.h>

#include "invoker.h"
#include "xsk_queue.h"

namespace ivb {

class ClassicLoop {
 public:
  ClassicLoop(XskQueue& queue, XskSocket& socket, const InvokerConfig& config)
      : queue_(queue), socket_(socket), batch_(config.batch), interface_(config.interface) {}

  /// One turn: `handle(received)` runs the function on the requests taken and returns how many replies it put on TX.
  /// Returns how many requests there were.
  template <typename Handle>
  uint32_t turn(InvokerCounters& counters, Handle handle) {
    complete(counters);
    uint32_t received = socket_.rx.ready(batch_);
    if (received) outstanding_ += handle(received);
    return received;
  }

  /// As the samples did: asleep until something comes in, whatever still waits to go out.
  void sleep() {
    pollfd event{socket_.fd(), POLLIN, 0};
    poll(&event, 1, pollMs);
  }

 private:
  static constexpr int pollMs = 1000;

  /// One kick, then at most a batch of completions, and only those frames back into the fill ring. Completions are the
  /// queue's, the count is the socket's: one thread takes the other's, counts down to 0 and kicks no more.
  void complete(InvokerCounters& counters) {
    if (outstanding_ <= 0) return;
    if (socket_.kick(interface_) == Kick::batchStopped) counters.txLost.add(1);
    outstanding_ -= int64_t(queue_.refillFromCompletions(batch_));
  }

  XskQueue& queue_;
  XskSocket& socket_;
  uint32_t batch_;
  const std::string& interface_;
  int64_t outstanding_ = 0;
};

}  // namespace ivb
