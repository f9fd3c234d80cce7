// The AF_XDP invoker: requests handled in place in the UMEM, replies sent from the same frames.
#include <poll.h>
#include <sys/eventfd.h>

#include <deque>

#include "frame.h"
#include "invoker.h"
#include "steering.h"
#include "thread_group.h"
#include "xdp_program.h"
#include "xsk_queue.h"

namespace ivb {
namespace {

constexpr int maxKicks = 16;             // bounded: a peer that takes nothing must not hold the loop
constexpr uint64_t settleNs = 500000000;  // how long stop() waits for frames the kernel still sends

class AfxdpInvoker : public Invoker {
 public:
  explicit AfxdpInvoker(const InvokerConfig& config) : config_(config), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_) fail("EVENTFD", "eventfd", "cannot create the stop event");
    // First of all: who else has a program there is to be told by name. Until a target is entered it passes everything.
    steering_.attach(config.interface);
    uint32_t socketsPerQueue = config.threads / config.queues;
    for (uint32_t q = 0; q < config.queues; q++) {
      queues_.emplace_back(XskQueueOptions{config.interface, q, socketsPerQueue, config.ringSize, config.frameBytes});
      uint32_t first = q * socketsPerQueue;
      for (uint32_t s = 0; s < socketsPerQueue; s++) {
        steering_.setSocket(first + s, queues_[q].socket(s).fd());
        counters_.emplace_back();
      }
      std::vector<uint64_t> none;
      queues_[q].recycle(none);  // fill before the first packet is steered
      steering_.setTarget(config.port, q, first, socketsPerQueue);
    }
    // Thread i serves socket i: neighbours in number share a queue.
    threads_.start(config_.cpus, [this, socketsPerQueue](size_t index) {
      XskQueue& queue = queues_[index / socketsPerQueue];
      loop(queue, queue.socket(index % socketsPerQueue), counters_[index]);
    });
  }

  ~AfxdpInvoker() override { stop(); }

  void stop() override {
    if (stopped_) return;
    stopped_ = true;
    steering_.detach();
    threads_.requestStop();
    uint64_t one = 1;
    if (write(wake_.get(), &one, sizeof one) < 0) { /* cannot fail: the counter is far from its limit */ }
    threads_.join();
    settle();
  }

  std::vector<CounterList> threadCounters() override {
    threads_.rethrow();
    // A thread asleep in poll is not woken when its interface goes away; the socket remembers it.
    for (XskQueue& queue : queues_) {
      if (int error = queue.socket(0).pendingError())
        throw SystemError("INTERFACE_GONE", "getsockopt(SO_ERROR)", error, config_.interface + " is gone or down");
    }
    std::vector<CounterList> out;
    for (const InvokerCounters& counters : counters_) out.push_back(counters.listWithHiccups());
    return out;
  }

  CounterList sharedCounters() override {
    CounterList out;
    XskStatistics sum{};
    FrameCensus frames{};
    for (XskQueue& queue : queues_) {
      for (size_t i = 0; i < queue.size(); i++) {
        XskStatistics one = queue.socket(i).statistics();
        sum.rxDropped += one.rxDropped;
        sum.rxInvalid += one.rxInvalid;
        sum.txInvalid += one.txInvalid;
        sum.rxRingFull += one.rxRingFull;
        // The fill ring is the queue's: each of its sockets reports the same count.
        if (i == 0) sum.rxFillRingEmpty += one.rxFillRingEmpty;
      }
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
    return out;
  }

  std::vector<std::pair<std::string, std::string>> granted() override {
    return {{"attach", attachedMode(config_.interface)},
            {"copyMode", queues_.front().grantedCopyMode()},
            {"idle", config_.idle == Idle::spin ? "spin" : "poll"},
            {"ringSize", std::to_string(config_.ringSize)}};
  }

 private:
  void loop(XskQueue& queue, XskSocket& socket, InvokerCounters& counters) {
    std::vector<uint64_t> dropped;
    dropped.reserve(config_.batch);
    for (;;) {
      // Every turn, even when nothing came in: completions and fill are independent of each other and of RX.
      queue.recycle(dropped);
      if (queue.fillNeedsWakeup()) recvfrom(socket.fd(), nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);
      counters.hiccups.turn(monotonicNs());
      uint32_t received = socket.rx.ready(config_.batch);
      if (received) {
        handle(queue, socket, received, dropped, counters);
      } else if (threads_.stopping()) {
        if (socket.tx.pending()) flush(socket, counters);
        queue.recycle(dropped);
        return;
      }
      if (socket.tx.pending()) flush(socket, counters);
      if (!received) rest(socket, counters);
    }
  }

  /// Runs the function on `received` requests in place and puts the replies on TX.
  void handle(XskQueue& queue, XskSocket& socket, uint32_t received, std::vector<uint64_t>& dropped,
              InvokerCounters& counters) {
    uint32_t room = socket.tx.room(), put = 0, handled = 0;
    for (uint32_t i = 0; i < received; i++) {
      xdp_desc descriptor = socket.rx.peek(i);
      uint64_t chunk = queue.chunkOf(descriptor.addr);
      queue.moved(chunk, Owner::fill, Owner::hand);
      size_t replyBytes = answer(queue, descriptor, counters);
      if (replyBytes == functionFailed) {
        dropped.push_back(chunk);
        continue;
      }
      handled++;
      if (put == room) {
        counters.txFull.add(1);
        dropped.push_back(chunk);
        continue;
      }
      queue.moved(chunk, Owner::hand, Owner::tx);
      socket.tx.put({descriptor.addr, uint32_t(headerBytes + replyBytes), 0});
      put++;
    }
    socket.rx.release(received);
    counters.received.add(received);
    counters.handled.add(handled);
    if (put) socket.tx.submit();
    counters.replied.add(put);
  }

  /// Turns the request at `descriptor` into its reply; returns the reply's payload length or `functionFailed`.
  size_t answer(XskQueue& queue, const xdp_desc& descriptor, InvokerCounters& counters) {
    uint8_t* packet = queue.frame(descriptor.addr);
    UdpFrame& frame = *reinterpret_cast<UdpFrame*>(packet);
    // The steering program let only plain IPv4/UDP through; the lengths inside are still the sender's claim.
    size_t udpBytes = descriptor.len < headerBytes ? 0 : ntohs(frame.udp.len);
    if (udpBytes < sizeof(udphdr) || udpBytes - sizeof(udphdr) > descriptor.len - headerBytes) {
      counters.malformed.add(1);
      return functionFailed;
    }
    size_t capacity = config_.frameBytes - (descriptor.addr - queue.chunkOf(descriptor.addr)) - headerBytes;
    size_t replyBytes = config_.function->run(frame.payload(), udpBytes - sizeof(udphdr), capacity);
    if (replyBytes == functionFailed) counters.functionFailed.add(1);
    else turnRound(frame, replyBytes);
    return replyBytes;
  }

  /// Makes the kernel send what is on TX, as far as it will.
  void flush(XskSocket& socket, InvokerCounters& counters) {
    uint32_t pending = socket.tx.pending();
    for (int kicks = 0; kicks < maxKicks && pending && socket.tx.needsWakeup(); kicks++) {
      int error = 0;
      counters.syscalls.add(1);
      Kick outcome = kickTx(socket, error);
      if (outcome == Kick::gone) {
        throw SystemError("SEND", "sendto(AF_XDP)", error, "cannot send on " + config_.interface);
      }
      if (outcome == Kick::batchStopped) counters.txLost.add(1);
      uint32_t left = socket.tx.pending();
      // No progress: nothing leaves before completions are reaped, which is the next turn's first step.
      if (left == pending) return;
      pending = left;
    }
  }

  void rest(XskSocket& socket, InvokerCounters& counters) {
    // Never asleep while a reply waits on TX.
    if (config_.idle == Idle::spin || socket.tx.pending()) {
      cpuRelax();
      return;
    }
    pollfd events[] = {{socket.fd(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    counters.hiccups.rest();
    counters.syscalls.add(1);
    poll(events, 2, -1);
  }

  /// Waits until the kernel gave back what it was still sending, so that the census is final.
  void settle() {
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

  InvokerConfig config_;
  Fd wake_;
  std::deque<XskQueue> queues_;
  std::deque<InvokerCounters> counters_;
  Steering steering_;
  bool stopped_ = false;
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace

std::unique_ptr<Invoker> startAfxdp(const InvokerConfig& config) {
  // Before anything else: a kernel without AF_XDP should say so, not fail on the map of such sockets.
  openXskSocket();
  return std::make_unique<AfxdpInvoker>(config);
}

}  // namespace ivb
