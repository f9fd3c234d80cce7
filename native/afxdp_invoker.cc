// The AF_XDP invoker: requests handled in place in the UMEM, replies sent from the same frames.
#include <linux/if_ether.h>
#include <poll.h>

#include "afxdp_limits.h"
#include "busy_poll.h"
#include "classic_loop.h"
#include "grace_period.h"
#include "interface_facts.h"
#include "pages.h"
#include "port_holders.h"
#include "steering.h"
#include "threaded_invoker.h"
#include "vlan_tags.h"
#include "wake_event.h"
#include "xdp_program.h"
#include "xsk_queue.h"
#include "xsk_replies.h"

namespace ivb {
namespace {

constexpr uint64_t settleNs = 500000000;    // how long stop() waits for frames the kernel still sends
constexpr uint64_t adaptiveSpinNs = 50000;  // after the last request; about what a sleep and a wake-up cost

/// What a thread receives from and sends to.
struct AfxdpSeat {
  XskQueue& queue;
  XskSeat sockets;
  WakeEvent wake;

  XskSocket& outlet() const { return *sockets.front(); }
};

class AfxdpInvoker : public ThreadedInvoker<AfxdpSeat> {
 public:
  explicit AfxdpInvoker(const InvokerConfig& config) : ThreadedInvoker(config), steering_(config) {
    // Before the rest: who else has a program there is to be told by name, and a driver may receive on more queues from then
    // on. Until a target is entered it passes everything.
    steering_.attach(config.interface, config.attach);
    rxQueues_ = ServedQueues(config);
    uint64_t sockets = uint64_t(config.services.size()) * rxQueues_.served() * config.maxThreadsPerQueue;
    if (sockets > Steering::maxSockets())
      throw SystemError("RESOURCES", "steering", 0,
                        std::to_string(sockets) + " sockets are more than the " + std::to_string(Steering::maxSockets()) +
                            " that can be steered to");
    uint64_t bytes = 0;
    for (uint32_t queue = 0; queue < config.queues; queue++) {
      XskQueueOptions options = optionsOf(queue);
      bytes += options.frames() * options.frameBytes;
    }
    refuseMoreThanMemory(bytes, "ask for fewer threads, smaller rings or fewer RX queues");
    holders_.hold(config);
    for (uint32_t queue = 0; queue < config.queues; queue++) {
      // Of the queue's first thread: its UMEM is best on that one's node.
      OnCpu there(config.cpuOf(0, queue, 0));
      queues_.emplace_back(optionsOf(queue));
    }
    start();
  }

  ~AfxdpInvoker() override { stopQuietly(); }

  CounterList sharedCounters() override {
    CounterList out;
    XskStatistics sum{};
    uint64_t total = 0, accounted = 0;
    int64_t inKernel = 0;
    for (XskQueue& queue : queues_) {
      sum += queue.statistics();
      FrameCensus frames = queue.census();
      total += frames.total;
      accounted += frames.accounted();
      inKernel += frames.receiving + frames.sending;
    }
    out.emplace_back("xskRxDropped", sum.rxDropped);
    out.emplace_back("xskRxInvalid", sum.rxInvalid);
    out.emplace_back("xskTxInvalid", sum.txInvalid);
    out.emplace_back("xskRxRingFull", sum.rxRingFull);
    out.emplace_back("xskFillRingEmpty", sum.rxFillRingEmpty);
    out.emplace_back("framesTotal", total);
    out.emplace_back("framesAccounted", accounted);
    out.emplace_back("framesInKernel", std::max<int64_t>(0, inKernel));
    steering_.append(out);
    holders_.append(out);
    return out;
  }

  std::vector<std::pair<std::string, std::string>> granted() override {
    const XskQueue& queue = queues_.front();
    std::set<int> nodes;
    for (const XskQueue& one : queues_) nodes.merge(one.memoryNodes());
    std::vector<std::pair<std::string, std::string>> out = {
        {"attach", attachedMode(config().interface)},
        {"copyMode", queue.grantedCopyMode()},
        {"rxQueues", rxQueues_.text()},
        {"checksum", wordOf(config().checksum)},
        {"idle", wordOf(config().idle)},
        {"batch", std::to_string(config().batch)},
        {"depthPackets", std::to_string(config().depthPackets)},
        {"ringSize", std::to_string(config().ringSize)},
        {"frameSize", std::to_string(config().frameBytes)},
        {"loop", wordOf(config().loop)},
        {"txBudget", queue.grantedTxBudget()},
        {"pages", queue.grantedPages()},
        {"memoryNode", listOf(nodes)},
        {"busyPoll", grantedBusyPoll(queue.first().fd())}};
    uint32_t longest = mtuOf(config().interface) + ETH_HLEN, usable = usableFrameBytes(config().frameBytes);
    // In copy mode the kernel drops longer ones, and counts them in xskRxDropped.
    if (longest > usable) out.emplace_back("longestFrame", std::to_string(usable) + " of " + std::to_string(longest));
    return out;
  }

 protected:
  bool scales() const override { return true; }

  std::unique_ptr<AfxdpSeat> open(const Slot& slot) override {
    XskQueue& queue = queues_[slot.queue];
    if (queue.hasSeats()) refuseSharedRing(config().attach);
    WakeEvent wake;
    XskSeat sockets = queue.add();
    try {
      refuseWrongChecksums(config(), queue.grantedCopyMode());
      for (size_t i = 0; i < sockets.size(); i++) steering_.setSocket(placeOf(slot, i), sockets[i]->fd());
    } catch (...) {
      queue.remove(sockets);
      throw;
    }
    std::vector<uint64_t> none;
    queue.recycle(none);  // fill before the first packet is steered
    return std::make_unique<AfxdpSeat>(AfxdpSeat{queue, std::move(sockets), std::move(wake)});
  }

  void admit(size_t service, uint32_t queue, uint32_t count) override {
    for (uint32_t rxQueue : rxQueues_.of(queue))
      steering_.setTarget(config().services[service].port, rxQueue, firstSocket(service, rxQueue), count);
  }

  void wake(Slot& slot) override { slot.resource->wake.set(); }

  void abandon(Slot& slot) noexcept override {
    for (size_t i = 0; i < slot.resource->sockets.size(); i++) steering_.removeSocket(placeOf(slot, i));
  }

  void close(Slot& slot) override {
    slot.resource->queue.remove(slot.resource->sockets);
    slot.resource.reset();
  }

  /// The program stays attached until everything is answered: some drivers rebuild their rings when it goes, and send
  /// nothing in the meantime.
  void shutOff() override {
    try {
      for (const Service& service : config().services) steering_.removeTargets(service.port, rxQueues_.served());
    } catch (...) {
      steering_.detach();  // or a thread that always has a request would never leave
      throw;
    }
    awaitGracePeriod();
  }

  /// Waits until the kernel gave back what it was still sending, so that the census is final, and detaches.
  void settle() override {
    Attempts attempt;
    attempt([&] {
      for (uint64_t deadline = monotonicNs() + settleNs; isSending() && monotonicNs() < deadline;) {
        // A zero-copy driver tells of what it has sent when it is asked to send more.
        for (Slot& slot : slots()) {
          if (slot.resource) sendto(slot.resource->outlet().fd(), nullptr, 0, MSG_DONTWAIT, nullptr, 0);
        }
        timespec pause{0, 1000000};
        nanosleep(&pause, nullptr);
      }
    });
    // With the program a driver may take queues away (virtio_net): their sockets have to be gone by then, or the kernel fails
    // to take zero-copy off them.
    for (XskQueue& queue : queues_) attempt([&] { queue.removeAll(); });
    steering_.detach();
    awaitGracePeriod();
    attempt([&] { holders_.release(); });
    attempt.rethrow();
  }

  CounterList read(Slot& slot) override {
    // A thread asleep in poll is not woken when its interface goes away; the socket remembers it.
    // Reading its error takes it away, so the first one is kept.
    if (!gone_ && slot.resource && slot.resource->queue.hasSeats()) gone_ = slot.resource->outlet().pendingError();
    if (gone_) throw SystemError("INTERFACE_GONE", "getsockopt(SO_ERROR)", gone_, config().interface + " is gone or down");
    CounterList out = slot.counters.list();
    out.emplace_back("kickRetries", slot.counters.kickRetries.get());
    return out;
  }

  void serve(Slot& slot) override {
    auto& [queue, sockets, wake] = *slot.resource;
    XskReplies replies(queue, slot.resource->outlet(), config(), serviceOf(slot), slot.counters);
    if (config().loop == Loop::of2018) return serveAsIn2018(slot, replies);
    std::vector<pollfd> events = eventsOf(*slot.resource);
    uint64_t lastRequestNs = 0;
    for (;;) {
      // Every turn, even when nothing came in: completions and fill are independent of each other and of RX.
      replies.recycle();
      queue.wakeDriver(sockets);
      uint64_t nowNs = monotonicNs();
      // Read first: what came before the thread was told to leave is on the rings by now.
      bool leaving = slot.leaving.load(std::memory_order_acquire);
      uint32_t received = 0;
      for (XskSocket* inlet : sockets) {
        uint32_t ready = inlet->rx.ready(config().batch);
        if (ready) replies.put(*inlet, ready);
        received += ready;
      }
      if (received) lastRequestNs = nowNs;
      uint32_t pending = replies.send();
      if (received) continue;
      if (leaving && (!pending || nowNs - lastRequestNs > settleNs)) break;
      // Never asleep while a reply waits on TX.
      if (pending || config().idle == Idle::spin ||
          (config().idle == Idle::adaptive && nowNs - lastRequestNs < adaptiveSpinNs))
        cpuRelax();
      else poll(events.data(), nfds_t(events.size()), -1);
    }
    replies.recycle();
  }

 private:
  /// Whether the kernel has frames to send yet, of any queue.
  bool isSending() {
    bool sending = false;
    for (XskQueue& queue : queues_) {
      std::vector<uint64_t> none;
      queue.recycle(none);
      sending |= queue.census().sending > 0;
    }
    return sending;
  }

  XskQueueOptions optionsOf(uint32_t queue) const {
    const InvokerConfig& from = config();
    return {.interface = from.interface,
            .rxQueues = rxQueues_.of(queue),
            .maxSeats = uint32_t(from.services.size()) * from.maxThreadsPerQueue,
            .depth = from.depthPackets,
            .ringSize = from.ringSize,
            .frameBytes = from.frameBytes,
            .copyMode = from.copyMode,
            .hugePages = from.hugePages == Switch::on,
            .txMetadata = from.checksum == Checksum::offload,
            .busyPollUs = from.busyPollUs,
            .txBudget = from.txBudget};
  }

  /// A block of the socket map for each service and RX queue: its threads' sockets stand next to each other.
  uint32_t firstSocket(size_t service, uint32_t rxQueue) const {
    return (uint32_t(service) * rxQueues_.served() + rxQueue) * config().maxThreadsPerQueue;
  }
  /// Of the i-th socket of a slot.
  uint32_t placeOf(const Slot& slot, size_t i) const {
    return firstSocket(slot.service, slot.queue + uint32_t(i) * config().queues) + slot.number;
  }

  void serveAsIn2018(Slot& slot, XskReplies& replies) {
    XskSocket& socket = slot.resource->outlet();
    ClassicLoop loop(slot.resource->queue, socket, config());
    while (!slot.leaving.load(std::memory_order_acquire)) {
      uint32_t received = loop.turn(slot.counters, [&](uint32_t count) { return replies.put(socket, count); });
      replies.countSent();
      if (!received && config().idle == Idle::poll) loop.sleep();
    }
    // Not before: it would mend what that loop did with its rings.
    replies.recycle();
  }

  /// What wakes a thread that sleeps.
  static std::vector<pollfd> eventsOf(const AfxdpSeat& seat) {
    std::vector<pollfd> events = {{seat.wake.fd().get(), POLLIN, 0}};
    for (const XskSocket* socket : seat.sockets) events.push_back({socket->fd(), POLLIN, 0});
    return events;
  }

  Steering steering_;
  std::deque<XskQueue> queues_;  // after what steers to them, so that a start that fails closes them before the program goes
  PortHolders holders_;
  ServedQueues rxQueues_;
  int gone_ = 0;  ///< errno of an interface that went away
};

}  // namespace

std::unique_ptr<Invoker> startAfxdp(const InvokerConfig& config) {
  // Before anything else: a kernel without AF_XDP should say so, not fail on the map of such sockets.
  openXskSocket();
  refuseHiddenTags(config.interface);
  return std::make_unique<AfxdpInvoker>(config);
}

}  // namespace ivb
