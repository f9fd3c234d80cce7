// The AF_PACKET invoker: requests handled in place in a ring that is shared with the kernel, replies sent from there.
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>

#include "../bpf/admit.h"
#include "grace_period.h"
#include "interface_counters.h"
#include "packet_group.h"
#include "packet_ring.h"
#include "port_holders.h"
#include "reply.h"
#include "threaded_invoker.h"
#include "udp_addresses.h"
#include "wake_event.h"

namespace ivb {
namespace {

/// What a thread receives from and sends to.
struct PacketSeat {
  explicit PacketSeat(uint32_t slots) : ring(slots) {}

  PacketRing ring;
  WakeEvent wake;
};

/// The replies of one turn, which stay in the slots of their requests until they are sent.
class PacketReplies {
 public:
  explicit PacketReplies(uint32_t batch) : vectors_(batch), messages_(batch) {
    for (uint32_t i = 0; i < batch; i++) {
      messages_[i].msg_hdr.msg_iov = &vectors_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  void add(uint8_t* frame, size_t bytes) { vectors_[count_++] = {frame, bytes}; }

  void send(int fd, InvokerCounters& counters) {
    for (uint32_t done = 0; done < count_;) {
      int taken = sendmmsg(fd, messages_.data() + done, count_ - done, 0);
      if (taken < 0 && errno == EINTR) continue;
      if (taken < 0 && errno != ENOBUFS) {
        counters.sendFailed.add(1);
        done++;
        continue;
      }
      done += uint32_t(std::max(taken, 0));
      counters.replied.add(uint32_t(std::max(taken, 0)));
      // It ends with one that the interface dropped, and has counted. Sent again, that would be counted twice.
      if (done == count_) break;
      counters.replied.add(1);
      counters.txLost.add(1);
      done++;
    }
    count_ = 0;
  }

 private:
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> messages_;
  uint32_t count_ = 0;
};

class AfpacketInvoker : public ThreadedInvoker<PacketSeat> {
 public:
  explicit AfpacketInvoker(const InvokerConfig& config) : ThreadedInvoker(config), index_(interfaceIndexOf(config.interface)) {
    if (config.queues > ADMIT_MAX_QUEUES || config.maxThreadsPerQueue > ADMIT_MAX_THREADS)
      throw SystemError("RESOURCES", "startAfpacket", 0,
                        "more than " + std::to_string(ADMIT_MAX_QUEUES) + " queues, or threads of one");
    for (const Service& service : config.services) groups_.emplace_back(config, service);
    holders_.hold(config);
    start();
    for (PacketGroup& group : groups_) group.open(true);
  }

  ~AfpacketInvoker() override { stopQuietly(); }

  /// The kernel goes on with all that these sockets got a copy of: it drops at the ports what they took and what they did not.
  CounterList sharedCounters() override {
    CounterList all;
    holders_.append(all);
    Admissions sum{};
    for (const PacketGroup& group : groups_) {
      Admissions one = group.admissions();
      sum.forOthers += one.forOthers;
      sum.refusedSource += one.refusedSource;
      sum.taken += one.taken;
    }
    uint64_t dropped = all.front().second, known = sum.taken + sum.refusedSource;
    return {{"steerForOthers", sum.forOthers},
            {"refusedSource", sum.refusedSource},
            {"steerRedirected", sum.taken},
            {"leftToKernel", dropped > known ? dropped - known : 0}};
  }

  std::vector<std::pair<std::string, std::string>> granted() override {
    return {{"idle", wordOf(config().idle)},
            {"batch", std::to_string(config().batch)},
            {"depthPackets", std::to_string(config().depthPackets)}};
  }

 protected:
  bool scales() const override { return true; }

  std::unique_ptr<PacketSeat> open(const Slot& slot) override {
    auto seat = std::make_unique<PacketSeat>(config().depthPackets);
    PacketGroup::keepOut(seat->ring.fd());
    seat->ring.bindTo(config().interface);
    groups_[slot.service].join(seat->ring.fd());
    return seat;
  }

  void admit(size_t service, uint32_t queue, uint32_t count) override {
    std::vector<int> fds;
    for (Slot& slot : slots()) {
      if (slot.resource && slot.service == service && slot.queue == queue && slot.number < count)
        fds.push_back(slot.resource->ring.fd());
    }
    groups_[service].seat(queue, fds);
  }

  void wake(Slot& slot) override { slot.resource->wake.set(); }

  /// What is in the rings is still answered.
  void shutOff() override {
    for (PacketGroup& group : groups_) group.open(false);
    awaitGracePeriod();
  }

  void close(Slot& slot) override {
    slot.counters.ringFull.add(slot.resource->ring.takeDropped());
    int fd = slot.resource->ring.fd();
    slot.resource.reset();
    groups_[slot.service].removed(fd);
  }

  void settle() override { holders_.release(); }

  CounterList read(Slot& slot) override {
    char name[IF_NAMESIZE];
    if (!if_indextoname(unsigned(index_), name))
      throw SystemError("INTERFACE_GONE", "if_indextoname", 0, config().interface + " is gone");
    if (slot.resource) slot.counters.ringFull.add(slot.resource->ring.takeDropped());
    CounterList out = slot.counters.list();
    out.emplace_back("ringFull", slot.counters.ringFull.get());
    return out;
  }

  void serve(Slot& slot) override {
    PacketRing& ring = slot.resource->ring;
    PacketReplies replies(config().batch);
    const Work work(serviceOf(slot).function->run, config().workSteps, config().delayNs);
    const size_t longest = longestPayload(config().interface);
    pollfd events[] = {{ring.fd(), POLLIN, 0}, {slot.resource->wake.fd().get(), POLLIN, 0}};
    for (;;) {
      // Read first: what came before the thread was told to leave is in the ring by now.
      bool leaving = slot.leaving.load(std::memory_order_acquire);
      uint32_t received = ring.ready(config().batch);
      if (received) {
        slot.counters.received.add(received);
        answerAll(ring, received, {work, longest}, replies, slot.counters);
        replies.send(ring.fd(), slot.counters);
        ring.release(received);
      } else if (leaving) {
        return;
      } else if (config().idle == Idle::spin) {
        cpuRelax();
      } else if (poll(events, 2, -1) > 0 && (events[0].revents & POLLERR)) {
        // The link went down: when it comes up again, so does the socket.
        int error = 0;
        socklen_t length = sizeof error;
        getsockopt(ring.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
      }
    }
  }

 private:
  struct Task {
    const Work& work;
    size_t longest;  ///< bytes of a payload that the interface sends in one packet
  };

  static void answerAll(const PacketRing& ring, uint32_t received, const Task& task, PacketReplies& replies,
                        InvokerCounters& counters) {
    uint32_t handled = 0;
    for (uint32_t i = 0; i < received; i++) {
      PacketSlot slot = ring.slot(i);
      if (slot.bytes < slot.length) {
        counters.malformed.add(1);
        continue;
      }
      size_t bytes = answer({slot.packet, slot.bytes, slot.room}, task.work, Checksum::zero, counters);
      if (bytes == functionFailed) continue;
      handled++;
      if (bytes > task.longest) counters.sendFailed.add(1);
      else replies.add(slot.packet, headerBytes + bytes);
    }
    counters.handled.add(handled);
  }

  int index_;
  PortHolders holders_;
  std::deque<PacketGroup> groups_;  // one a service
};

}  // namespace

std::unique_ptr<Invoker> startAfpacket(const InvokerConfig& config) { return std::make_unique<AfpacketInvoker>(config); }

}  // namespace ivb
