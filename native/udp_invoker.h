#pragma once
// What the invokers on UDP sockets share: a socket a thread.
#include <arpa/inet.h>
#include <sys/socket.h>

#include "busy_poll.h"
#include "reuseport_group.h"
#include "source_port.h"
#include "threaded_invoker.h"
#include "udp_addresses.h"
#include "udp_socket.h"
#include "work.h"

namespace ivb {

/// What a thread receives from and sends to.
struct UdpSeat {
  explicit UdpSeat(Fd socket) : socket(std::move(socket)) {}
  virtual ~UdpSeat() = default;

  /// What comes from now on is refused, and not counted as dropped for want of room.
  void refuse() {
    droppedBefore_ = droppedDatagrams(socket.get());
    refuseDatagrams(socket);
    refuses_ = true;
  }
  uint32_t dropped() const { return refuses_ ? droppedBefore_ : droppedDatagrams(socket.get()); }

  Fd socket;

 private:
  bool refuses_ = false;
  uint32_t droppedBefore_ = 0;
};

/// Room for the payload of one datagram, and for a function to make it longer.
constexpr size_t datagramBytes = 2048;

/// How a thread waits for requests: asleep in the kernel, or looking for them all the time.
class Waiting {
 public:
  Waiting(Idle idle, const std::atomic<bool>& leaving) : spins_(idle == Idle::spin), leaving_(leaving) {}

  bool spins() const { return spins_; }
  /// For the receiving call.
  int flags() const { return spins_ ? MSG_DONTWAIT : 0; }
  /// To be read before the receiving call: if that brings nothing then, nothing is left to answer.
  bool isLeaving() const { return leaving_.load(std::memory_order_acquire); }

 private:
  bool spins_;
  const std::atomic<bool>& leaving_;
};

/// Whose requests are answered.
class Answers {
 public:
  explicit Answers(const std::vector<Service>& services) : services_(&services) {}

  bool operator()(const sockaddr_in& peer) const { return answerable(ntohs(peer.sin_port), *services_); }

 private:
  const std::vector<Service>* services_;
};

/// Which address replies come from: the only one that is served, or the one that was asked, which each message tells.
enum class RepliesFrom { only, asked };

class UdpInvoker : public ThreadedInvoker<UdpSeat> {
 public:
  CounterList sharedCounters() override { return {}; }
  std::vector<std::pair<std::string, std::string>> granted() override {
    const Fd& socket = slots().front().resource->socket;
    uint32_t bufferBytes = receiveBufferBytes(socket.get());
    std::vector<std::pair<std::string, std::string>> out = {
        {"idle", wordOf(config().idle)},
        {"depthPackets", std::to_string(datagramsIn(bufferBytes))},
        {"receiveBufferBytes", std::to_string(bufferBytes)},
        {"busyPoll", grantedBusyPoll(socket.get())}};
    uint32_t asked = datagramsIn(2 * bufferBytesOf(config().socketBufferBytes, config().depthPackets));
    if (datagramsIn(bufferBytes) < asked) out.emplace_back("depthAsked", std::to_string(asked));
    if (sharing_ == PortSharing::reusePort) out.emplace_back("steering", wordOf(config().steering));
    return out;
  }

 protected:
  UdpInvoker(const InvokerConfig& config, PortSharing sharing)
      : ThreadedInvoker(config),
        sharing_(sharing),
        repliesFrom_(config.address || severalAddresses(config.interface).empty() ? RepliesFrom::only : RepliesFrom::asked) {
    for (size_t i = 0; i < config.services.size(); i++) groups_.emplace_back(config.steering);
    if (sharing == PortSharing::exclusive) return;
    // Sockets that share their port would also share it with those of another process: it is to be ours alone.
    for (const Service& service : config.services) refuseTakenPort(config.interface, config.address, service.port);
  }

  std::unique_ptr<UdpSeat> open(const Slot& slot) override { return seat<UdpSeat>(slot); }

  /// A seat with its socket bound and, where several share the port, in the group of those.
  template <typename Seat>
  std::unique_ptr<Seat> seat(const Slot& slot) {
    auto out = std::make_unique<Seat>(bindUdp({.interface = config().interface,
                                               .address = config().address,
                                               .port = serviceOf(slot).port,
                                               .sharing = sharing_,
                                               .bufferBytes = bufferBytesOf(config().socketBufferBytes, config().depthPackets),
                                               .busyPollUs = config().busyPollUs}));
    if (repliesFrom_ == RepliesFrom::asked) askForAddresses(out->socket.get());
    if (sharing_ == PortSharing::reusePort) groups_[slot.service].add(out->socket.get());
    return out;
  }

  void admit(size_t service, uint32_t queue, uint32_t count) override {
    for (Slot& slot : slots()) {
      if (slot.resource && slot.service == service && slot.queue == queue && slot.number >= count)
        groups_[service].withdraw(slot.resource->socket.get());
    }
  }
  /// What is in the sockets' buffers stays; what comes from now on is dropped, or a stop under load would never end.
  void shutOff() override {
    Attempts attempt;
    for (Slot& slot : slots()) {
      if (slot.resource) attempt([&] { slot.resource->refuse(); });
    }
    attempt.rethrow();
  }
  /// What is in the socket's buffer is still delivered; then the receiver sees a datagram without a sender.
  void wake(Slot& slot) override { shutdown(slot.resource->socket.get(), SHUT_RD); }
  void close(Slot& slot) override {
    int fd = slot.resource->socket.get();
    slot.counters.socketDropped.add(slot.resource->dropped());
    if (sharing_ == PortSharing::reusePort) ReuseportGroup::hide(fd);
    slot.resource.reset();
    if (sharing_ == PortSharing::reusePort) groups_[slot.service].removed(fd);
  }
  /// With what the kernel dropped on this and earlier sockets of the slot.
  CounterList read(Slot& slot) override {
    CounterList out = slot.counters.list();
    uint64_t now = slot.resource ? slot.resource->dropped() : 0;
    out.emplace_back("socketDropped", slot.counters.socketDropped.get() + now);
    return out;
  }

  Work workOf(const Slot& slot) const { return Work(serviceOf(slot).function->run, config().workSteps, config().delayNs); }
  Waiting waitingOf(const Slot& slot) const { return Waiting(config().idle, slot.leaving); }
  RepliesFrom repliesFrom() const { return repliesFrom_; }
  Answers answers() const { return Answers(config().services); }

 private:
  PortSharing sharing_;
  RepliesFrom repliesFrom_;
  std::deque<ReuseportGroup> groups_;  // one a service
};

}  // namespace ivb
