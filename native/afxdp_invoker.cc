// The AF_XDP invoker: requests handled in place in the UMEM, replies sent from the same frames.
#include <poll.h>

#include "busy_poll.h"
#include "classic_loop.h"
#include "grace_period.h"
#include "pages.h"
#include "port_holders.h"
#include "reply.h"
#include "steering.h"
#include "threaded_invoker.h"
#include "udp_addresses.h"
#include "vlan_tags.h"
#include "wake_event.h"
#include "xdp_program.h"
#include "xsk_queue.h"

namespace ivb {
namespace {

constexpr uint32_t prefetchAhead = 4;       // requests
constexpr uint32_t cacheLineBytes = 64;
constexpr int maxKicks = 16;                // bounded: a peer that takes nothing must not hold the loop
constexpr uint64_t settleNs = 500000000;    // how long stop() waits for frames the kernel still sends
constexpr uint64_t adaptiveSpinNs = 50000;  // after the last request; about what a sleep and a wake-up cost

/// What a thread receives from and sends to.
struct XskSeat {
  XskQueue& queue;
  XskSocket& socket;
  WakeEvent wake;
};

void add(XskStatistics& sum, const XskStatistics& one) {
  sum.rxDropped += one.rxDropped;
  sum.rxInvalid += one.rxInvalid;
  sum.txInvalid += one.txInvalid;
  sum.rxRingFull += one.rxRingFull;
}

class AfxdpInvoker : public ThreadedInvoker<XskSeat> {
 public:
  explicit AfxdpInvoker(const InvokerConfig& config) : ThreadedInvoker(config), steering_(config) {
    uint64_t sockets = uint64_t(config.services.size()) * config.queues * config.maxThreadsPerQueue;
    if (sockets > Steering::maxSockets())
      throw SystemError("RESOURCES", "steering", 0,
                        std::to_string(sockets) + " sockets are more than the " + std::to_string(Steering::maxSockets()) +
                            " that can be steered to");
    XskQueueOptions options{.interface = config.interface,
                            .queue = 0,
                            .maxSockets = uint32_t(config.services.size()) * config.maxThreadsPerQueue,
                            .depth = config.depthPackets,
                            .ringSize = config.ringSize,
                            .frameBytes = config.frameBytes,
                            .copyMode = config.copyMode,
                            .hugePages = config.hugePages == Switch::on,
                            .txMetadata = config.checksum == Checksum::offload,
                            .busyPollUs = config.busyPollUs,
                            .txBudget = config.txBudget};
    refuseMoreThanMemory(options.frames() * options.frameBytes * config.queues, "ask for fewer threads or smaller rings");
    // Before the rest: who else has a program there is to be told by name. Until a target is entered it passes everything.
    steering_.attach(config.interface, config.attach);
    holders_.hold(config);
    for (; options.queue < config.queues; options.queue++) {
      // Of the queue's first thread: its UMEM is best on that one's node.
      OnCpu there(config.cpuOf(0, options.queue, 0));
      queues_.emplace_back(options);
    }
    start();
  }

  ~AfxdpInvoker() override { stop(); }

  CounterList sharedCounters() override {
    CounterList out;
    XskStatistics sum = retired_;
    FrameCensus frames{};
    for (XskQueue& queue : queues_) {
      for (const XskSocket& socket : queue.sockets()) add(sum, socket.statistics());
      // These are of the queue: each of its sockets reports the same counts.
      sum.rxFillRingEmpty += queue.sockets().front().statistics().rxFillRingEmpty;
      FrameCensus one = queue.census();
      frames.total += one.total;
      frames.free += one.free + one.fill + one.rx + one.tx + one.completion;
    }
    out.emplace_back("xskRxDropped", sum.rxDropped);
    out.emplace_back("xskRxInvalid", sum.rxInvalid);
    out.emplace_back("xskTxInvalid", sum.txInvalid);
    out.emplace_back("xskRxRingFull", sum.rxRingFull);
    out.emplace_back("xskFillRingEmpty", sum.rxFillRingEmpty);
    out.emplace_back("framesTotal", frames.total);
    out.emplace_back("framesAccounted", frames.free);
    steering_.append(out);
    holders_.append(out);
    return out;
  }

  std::vector<std::pair<std::string, std::string>> granted() override {
    const XskQueue& queue = queues_.front();
    std::set<int> nodes;
    for (const XskQueue& one : queues_) nodes.merge(one.memoryNodes());
    return {{"attach", attachedMode(config().interface)},
            {"copyMode", queue.grantedCopyMode()},
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
            {"busyPoll", grantedBusyPoll(queue.sockets().front().fd())}};
  }

 protected:
  bool scales() const override { return true; }

  std::unique_ptr<XskSeat> open(const Slot& slot) override {
    XskQueue& queue = queues_[slot.queue];
    WakeEvent wake;
    XskSocket& socket = queue.add();
    try {
      steering_.setSocket(firstSocket(slot.service, slot.queue) + slot.number, socket.fd());
    } catch (...) {
      queue.remove(socket);
      throw;
    }
    std::vector<uint64_t> none;
    queue.recycle(none);  // fill before the first packet is steered
    return std::make_unique<XskSeat>(XskSeat{queue, socket, std::move(wake)});
  }

  void admit(size_t service, uint32_t queue, uint32_t count) override {
    steering_.setTarget(config().services[service].port, queue, firstSocket(service, queue), count);
  }

  void wake(Slot& slot) override { slot.resource->wake.set(); }

  void close(Slot& slot) override {
    add(retired_, slot.resource->socket.statistics());
    slot.resource->queue.remove(slot.resource->socket);
    slot.resource.reset();
  }

  void shutOff() override {
    steering_.detach();
    awaitGracePeriod();
  }

  /// Waits until the kernel gave back what it was still sending, so that the census is final.
  void settle() override {
    uint64_t deadline = monotonicNs() + settleNs;
    for (XskQueue& queue : queues_) {
      std::vector<uint64_t> none;
      for (FrameCensus census = queue.census(); monotonicNs() < deadline; census = queue.census()) {
        if (census.free + census.fill + census.rx + census.tx + census.completion == census.total) break;
        timespec pause{0, 1000000};
        nanosleep(&pause, nullptr);
        queue.recycle(none);
      }
    }
  }

  CounterList read(Slot& slot) override {
    // A thread asleep in poll is not woken when its interface goes away; the socket remembers it.
    // Reading its error takes it away, so the first one is kept.
    if (!gone_ && slot.resource) gone_ = slot.resource->socket.pendingError();
    if (gone_) throw SystemError("INTERFACE_GONE", "getsockopt(SO_ERROR)", gone_, config().interface + " is gone or down");
    return slot.counters.list();
  }

  void serve(Slot& slot) override {
    auto& [queue, socket, wake] = *slot.resource;
    InvokerCounters& counters = slot.counters;
    Work work(serviceOf(slot).function->run, config().delayNs);
    std::vector<uint64_t> dropped;
    dropped.reserve(config().batch);
    if (config().loop == Loop::of2018) return serveAsIn2018(slot, work, dropped);
    uint64_t lastRequestNs = 0;
    for (;;) {
      // Every turn, even when nothing came in: completions and fill are independent of each other and of RX.
      queue.recycle(dropped);
      if (queue.fillNeedsWakeup() || config().busyPollUs) recvfrom(socket.fd(), nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);
      uint64_t nowNs = monotonicNs();
      // Read first: what came before the thread was told to leave is on the ring by now.
      bool leaving = slot.leaving.load(std::memory_order_acquire);
      uint32_t received = socket.rx.ready(config().batch);
      if (received) {
        handle(queue, socket, work, received, dropped, counters);
        lastRequestNs = nowNs;
      }
      uint32_t pending = socket.tx.pending();
      if (pending) pending = flush(socket, pending, counters);
      counters.replied.add(socket.tx.takenSince());
      if (received) continue;
      if (leaving && (!pending || nowNs - lastRequestNs > settleNs)) break;
      // Never asleep while a reply waits on TX.
      if (pending || config().idle == Idle::spin ||
          (config().idle == Idle::adaptive && nowNs - lastRequestNs < adaptiveSpinNs))
        cpuRelax();
      else sleep(socket, wake);
    }
    queue.recycle(dropped);
  }

 private:
  /// A block of the socket map for each service and queue: its threads' sockets stand next to each other.
  uint32_t firstSocket(size_t service, uint32_t queue) const {
    return (uint32_t(service) * config().queues + queue) * config().maxThreadsPerQueue;
  }

  void serveAsIn2018(Slot& slot, const Work& work, std::vector<uint64_t>& dropped) {
    XskQueue& queue = slot.resource->queue;
    XskSocket& socket = slot.resource->socket;
    ClassicLoop loop(queue, socket, config().batch);
    while (!slot.leaving.load(std::memory_order_acquire)) {
      uint32_t received = loop.turn(slot.counters, [&](uint32_t count) {
        return handle(queue, socket, work, count, dropped, slot.counters);
      });
      slot.counters.replied.add(socket.tx.takenSince());
      if (!received && config().idle == Idle::poll) loop.sleep();
    }
    // Not before: it would mend what that loop did with its rings.
    queue.recycle(dropped);
  }

  /// Runs the function on `received` requests in place and puts the replies on TX; returns how many.
  uint32_t handle(XskQueue& queue, XskSocket& socket, const Work& work, uint32_t received,
                  std::vector<uint64_t>& dropped, InvokerCounters& counters) {
    const uint32_t options = config().checksum == Checksum::offload ? descriptorHasMetadata : 0;
    uint32_t places = socket.tx.room(), put = 0, handled = 0;
    for (uint32_t i = 0; i < std::min(received, prefetchAhead); i++) prefetch(queue, socket.rx.peek(i));
    for (uint32_t i = 0; i < received; i++) {
      if (i + prefetchAhead < received) prefetch(queue, socket.rx.peek(i + prefetchAhead));
      xdp_desc descriptor = socket.rx.peek(i);
      uint64_t chunk = queue.chunkOf(descriptor.addr);
      queue.moved(chunk, Owner::fill, Owner::hand);
      size_t room = config().frameBytes - (descriptor.addr - chunk);
      size_t replyBytes = answer({queue.frame(descriptor.addr), descriptor.len, room}, work, config().checksum, counters);
      if (replyBytes == functionFailed) {
        dropped.push_back(chunk);
        continue;
      }
      handled++;
      if (replyBytes > longestReply_ || put == places) {
        (replyBytes > longestReply_ ? counters.sendFailed : counters.txFull).add(1);
        dropped.push_back(chunk);
        continue;
      }
      queue.moved(chunk, Owner::hand, Owner::tx);
      socket.tx.put({descriptor.addr, uint32_t(headerBytes + replyBytes), options});
      put++;
    }
    socket.rx.release(received);
    counters.received.add(received);
    counters.handled.add(handled);
    if (put) socket.tx.submit();
    return put;
  }

  /// A longer one is refused, as sockets refuse it: devices drop it without a word, or count it as theirs.
  const size_t longestReply_ = longestPayload(config().interface);

  /// The kernel wrote the request on the CPU that received it: fetches it from there, to be written to, while others
  /// are worked on.
  static void prefetch(const XskQueue& queue, const xdp_desc& descriptor) {
    const uint8_t* frame = queue.frame(descriptor.addr);
    for (uint32_t at = 0; at < descriptor.len; at += cacheLineBytes) __builtin_prefetch(frame + at, 1);
  }

  /// Makes the kernel send the `pending` entries on TX, as far as it will; returns how many are left.
  uint32_t flush(XskSocket& socket, uint32_t pending, InvokerCounters& counters) {
    for (int kicks = 0; kicks < maxKicks && pending && socket.tx.needsWakeup(); kicks++) {
      int error = 0;
      Kick outcome = kickTx(socket, error);
      if (outcome == Kick::gone) throw SystemError("SEND", "sendto(AF_XDP)", error, "cannot send on " + config().interface);
      if (outcome == Kick::batchStopped) counters.txLost.add(1);
      uint32_t left = socket.tx.pending();
      // No progress: nothing leaves before completions are reaped, which is the next turn's first step.
      if (left == pending) break;
      pending = left;
    }
    return pending;
  }

  static void sleep(XskSocket& socket, const WakeEvent& wake) {
    pollfd events[] = {{socket.fd(), POLLIN, 0}, {wake.fd().get(), POLLIN, 0}};
    poll(events, 2, -1);
  }

  std::deque<XskQueue> queues_;
  Steering steering_;
  PortHolders holders_;
  int gone_ = 0;             ///< errno of an interface that went away
  XskStatistics retired_{};  ///< of the sockets that were scaled away
};

}  // namespace

std::unique_ptr<Invoker> startAfxdp(const InvokerConfig& config) {
  // Before anything else: a kernel without AF_XDP should say so, not fail on the map of such sockets.
  openXskSocket();
  refuseHiddenTags(config.interface);
  return std::make_unique<AfxdpInvoker>(config);
}

}  // namespace ivb
