#pragma once
// User side of bpf/steer.bpf.c: which socket serves which port and queue.
#include <cstdint>
#include <memory>
#include <string>

#include "choices.h"
#include "counters.h"
#include "handle.h"
#include "invoker.h"

struct steer;

namespace ivb {

class Steering {
 public:
  /// For the services of `config`, by packets to this host alone.
  explicit Steering(const InvokerConfig& config);
  Steering(const Steering&) = delete;
  ~Steering();

  /// Puts a socket into the map at `index`, below `maxSockets()`.
  void setSocket(uint32_t index, int socketFd);
  /// Requests to `port` (host order) on `queue` go round robin to sockets first .. first + count - 1.
  void setTarget(uint16_t port, uint32_t queue, uint32_t first, uint32_t count);
  void attach(const std::string& interface, Attach attach);
  static uint32_t maxSockets();
  /// From here on nothing is steered any more; what is on the rings stays there.
  void detach() { link_ = Fd(); }
  void append(CounterList& out) const;

 private:
  std::unique_ptr<struct steer, void (*)(struct steer*)> skeleton_;
  Fd link_;
};

}  // namespace ivb
