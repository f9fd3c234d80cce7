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
  /// What is steered to that place goes to the kernel from now on.
  void removeSocket(uint32_t index) noexcept;
  /// Requests to `port` (host order) on `queue` go round robin to sockets first .. first + count - 1.
  void setTarget(uint16_t port, uint32_t queue, uint32_t first, uint32_t count);
  /// From here on no request to `port` is steered; packets on their way may still be.
  void removeTargets(uint16_t port, uint32_t queues);
  void attach(const std::string& interface, Attach attach);
  static uint32_t maxSockets();
  /// Drivers may rebuild their rings for it: what is to be answered is to be answered before.
  void detach() { link_ = Fd(); }
  void append(CounterList& out) const;

 private:
  std::unique_ptr<struct steer, void (*)(struct steer*)> skeleton_;
  Fd link_;
};

}  // namespace ivb
