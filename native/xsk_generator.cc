// AF_XDP TX: a socket bound to each queue, so that few CPUs can feed many queues exactly.
#include <deque>

#include "../bpf/stamp.h"
#include "generator.h"
#include "pacer.h"
#include "thread_group.h"
#include "xsk_queue.h"

namespace ivb {
namespace {

constexpr uint32_t ringSize = 2048;
constexpr uint32_t frameBytes = 2048;
constexpr uint32_t batch = 32;
constexpr uint32_t txBudget = 256;
constexpr int maxKicks = 8;

/// Makes a prepared frame the request of that number: its flow and its stamp.
void renew(uint8_t* frame, const Route& route, uint32_t sequence, uint64_t nowNs) {
  reinterpret_cast<UdpFrame*>(frame)->udp.source = htons(uint16_t(route.firstSourcePort + sequence % route.flows));
  uint64_t words[] = {stamp_spread(sequence), stamp_spread(uint32_t(nowNs)), stamp_spread(uint32_t(nowNs >> 32) & 0xff)};
  std::memcpy(frame + headerBytes, words, STAMP_BYTES);
}

class XskGenerator : public Generator {
 public:
  explicit XskGenerator(const GeneratorConfig& config) : config_(config) {
    for (uint32_t q = 0; q < config.queues; q++) {
      queues_.emplace_back(
          XskQueueOptions{config.route.interface, q, 1, ringSize, frameBytes, CopyMode::copy, false, false, 0, txBudget});
      sockets_.push_back(&queues_.back().add());
      prepare(queues_.back());
    }
    counters_.resize(config.cpus.size());
    threads_.start(config_.cpus, [this](size_t index) { loop(index); });
  }

  ~XskGenerator() override { stop(); }

  void setRate(double perSecond) override {
    double intervalNs = perSecond == unpacedRate ? 0 : perSecond > 0 ? 1e9 * double(queues_.size()) / perSecond : -1;
    intervalNs_.store(intervalNs, std::memory_order_relaxed);
  }

  CounterList counters() override {
    threads_.rethrow();
    uint64_t offered = 0, sent = 0, lost = 0, gaps = 0, longest = 0, total = 0;
    for (const PerThread& one : counters_) {
      offered += one.offered.get();
      sent += one.sent.get();
      lost += one.lost.get();
      gaps += one.hiccups.count.get();
      total += one.hiccups.totalNs.get();
      longest = std::max(longest, one.hiccups.maxNs.get());
    }
    return {{"offered", offered}, {"sent", sent}, {"generatorLost", lost},
            {"hiccupCount", gaps}, {"hiccupMaxNs", longest}, {"hiccupTotalNs", total}};
  }

  void stop() override { threads_.join(); }

 private:
  struct alignas(64) PerThread {
    Counter offered, sent, lost;
    HiccupCounters hiccups;
  };

  /// A request in every frame; what differs from one to the next is written when it is sent.
  void prepare(XskQueue& queue) {
    uint64_t frames = queue.frames();
    for (uint64_t i = 0; i < frames; i++)
      buildRequest(queue.frame(i * frameBytes), config_.packetBytes, config_.route, config_.route.firstSourcePort);
  }

  void loop(size_t thread) {
    PerThread& counters = counters_[thread];
    std::vector<Pacer> pacers(queues_.size());
    uint32_t sequence = 0;
    while (!threads_.stopping()) {
      double intervalNs = intervalNs_.load(std::memory_order_relaxed);
      uint64_t offered = 0;
      for (size_t q = thread; q < queues_.size(); q += config_.cpus.size()) {
        uint64_t nowNs = monotonicNs();
        counters.hiccups.turn(nowNs);
        uint32_t count = pacers[q].due(nowNs, intervalNs, batch);
        if (count) put(queues_[q], *sockets_[q], count, nowNs, sequence, counters);
        // Also when nothing is due: what the kernel would not take before still waits.
        kick(*sockets_[q], counters);
        offered += pacers[q].offered();
      }
      counters.offered.add(offered - counters.offered.get());
    }
  }

  void put(XskQueue& queue, XskSocket& socket, uint32_t count, uint64_t nowNs, uint32_t& sequence, PerThread& counters) {
    uint32_t room = std::min(count, socket.tx.room()), done = 0;
    for (uint64_t address; done < room && queue.take(address); done++) {
      renew(queue.frame(address), config_.route, sequence++, nowNs);
      queue.moved(address, Owner::hand, Owner::tx);
      socket.tx.put({address, config_.packetBytes, 0});
    }
    socket.tx.submit();
    counters.sent.add(done);
  }

  void kick(XskSocket& socket, PerThread& counters) {
    for (int kicks = 0; kicks < maxKicks && socket.tx.pending(); kicks++) {
      int error = 0;
      Kick outcome = kickTx(socket, error);
      if (outcome == Kick::gone)
        throw SystemError("SEND", "sendto(AF_XDP)", error, "cannot send on " + config_.route.interface);
      if (outcome == Kick::batchStopped) counters.lost.add(1);
    }
  }

  GeneratorConfig config_;
  std::deque<XskQueue> queues_;
  std::vector<XskSocket*> sockets_;  // one a queue
  std::deque<PerThread> counters_;
  std::atomic<double> intervalNs_{-1};
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace

std::unique_ptr<Generator> startXskGenerator(const GeneratorConfig& config) {
  return std::make_unique<XskGenerator>(config);
}

}  // namespace ivb
