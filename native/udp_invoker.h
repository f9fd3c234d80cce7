#pragma once
// What the invokers on UDP sockets share: a socket a thread.
#include <sys/socket.h>

#include "busy_poll.h"
#include "threaded_invoker.h"
#include "udp_socket.h"

namespace ivb {

/// What a thread receives from and sends to.
struct UdpSeat {
  explicit UdpSeat(Fd socket) : socket(std::move(socket)) {}
  virtual ~UdpSeat() = default;
  Fd socket;
};

/// Room for the payload of one datagram, and for a function to make it longer.
constexpr size_t datagramBytes = 2048;

class UdpInvoker : public ThreadedInvoker<UdpSeat> {
 public:
  CounterList sharedCounters() override { return {}; }
  std::vector<std::pair<std::string, std::string>> granted() override {
    const Fd& socket = slots().front().resource->socket;
    return {{"receiveBufferBytes", std::to_string(receiveBufferBytes(socket))},
            {"busyPollUs", std::to_string(grantedBusyPollUs(socket.get()))}};
  }

 protected:
  UdpInvoker(const InvokerConfig& config, PortSharing sharing) : ThreadedInvoker(config), sharing_(sharing) {
    if (sharing == PortSharing::exclusive) return;
    // Sockets that share their port would also share it with those of another process: it is to be ours alone.
    for (const Service& service : config.services)
      bindUdp({config.interface, config.address, service.port, PortSharing::exclusive, 0, 0});
  }

  std::unique_ptr<UdpSeat> open(const Slot& slot) override {
    return std::make_unique<UdpSeat>(bind(slot));
  }
  Fd bind(const Slot& slot) const {
    return bindUdp({config().interface, config().address, serviceOf(slot).port, sharing_, config().socketBufferBytes,
                    config().busyPollUs});
  }
  /// What is in the sockets' buffers stays; what comes from now on is dropped, or a stop under load would never end.
  void shutOff() override {
    for (const Slot& slot : slots()) {
      if (slot.resource) refuseDatagrams(slot.resource->socket);
    }
  }
  /// What is in the socket's buffer is still delivered; then the receiver sees a datagram without a sender.
  void wake(Slot& slot) override { shutdown(slot.resource->socket.get(), SHUT_RD); }
  void close(Slot& slot) override {
    slot.counters.socketDropped.add(droppedDatagrams(slot.resource->socket.get()));
    slot.resource.reset();
  }
  CounterList read(Slot& slot) override {
    CounterList out = slot.counters.list();
    appendDropped(slot, out);
    return out;
  }

  /// Counts what the kernel dropped on this and earlier sockets of the slot.
  static void appendDropped(const Slot& slot, CounterList& out) {
    uint64_t now = slot.resource ? droppedDatagrams(slot.resource->socket.get()) : 0;
    out.emplace_back("socketDropped", slot.counters.socketDropped.get() + now);
  }

 private:
  PortSharing sharing_;
};

}  // namespace ivb
