// AF_XDP: a socket bound to each queue, so that few CPUs can feed many queues exactly.
#include <bit>
#include <deque>
#include <optional>

#include "../bpf/stamp.h"
#include "generator.h"
#include "generator_workers.h"
#include "pages.h"
#include "reply_collector.h"
#include "thread_group.h"
#include "xsk_queue.h"

namespace ivb {
namespace {

constexpr uint32_t ringSize = 2048;
constexpr uint32_t frameBytes = 2048;
constexpr uint32_t batch = 32;
constexpr uint32_t receiveBatch = 64;
constexpr uint32_t txBudget = 256;
constexpr int maxKicks = 8;

class XskGenerator : public Generator {
 public:
  explicit XskGenerator(const GeneratorConfig& config)
      : config_(config), request_(config.packetBytes), pattern_(replyPattern(*config.function, config.packetBytes)) {
    const Route& route = config.route;
    buildRequest(request_.data(), request_.size(), route, route.firstSourcePort);
    if (config.replies == Replies::own) collector_.emplace(repliesTo(route));
    XskQueueOptions options{.interface = route.interface,
                            .rxQueues = {0},
                            .maxSeats = 1,
                            .depth = ringSize,
                            .ringSize = ringSize,
                            .frameBytes = frameBytes,
                            .copyMode = config.copyMode,
                            .hugePages = false,
                            .txMetadata = false,
                            .busyPollUs = 0,
                            .txBudget = txBudget};
    // A socket for each queue, not each thread: replies come in on the queue that the device chooses.
    refuseMoreThanMemory(options.frames() * options.frameBytes * config.queues,
                         "choose the engine sendmmsg, or fewer queues by ethtool -L");
    for (uint32_t q = 0; q < config.queues; q++) {
      OnCpu there(config.cpus[q % config.cpus.size()]);
      options.rxQueues = {q};
      queues_.emplace_back(options);
      seats_.push_back(queues_.back().add());
      prepare(queues_.back());
      if (collector_) collector_->setSocket(q, seats_.back().front()->fd());
    }
    if (collector_) collector_->attach(route.interface);
    else counter_.emplace(replyCounterConfig(config), pattern_);
    for (uint32_t i = 0; i < config.cpus.size(); i++) workers_.emplace_back(pattern_, i);
    threads_.start(config_.cpus, [this](size_t index) { loop(index); });
  }

  ~XskGenerator() override { stop(); }

  void setRate(double perSecond) override {
    intervalNs_.store(intervalNsOf(perSecond, queues_.size()), std::memory_order_relaxed);
  }

  void record(bool on) override {
    recording_.store(on, std::memory_order_relaxed);
    if (counter_) counter_->record(on);
    for (Worker& worker : workers_) worker.check.record(on);
  }

  void countSince(uint64_t sinceNs) override {
    if (counter_) counter_->countSince(sinceNs);
    for (Worker& worker : workers_) worker.check.countSince(sinceNs);
  }

  void rethrow() override { threads_.rethrow(); }

  CounterList counters() override {
    CounterList list;
    sendsOf(workers_).append(list);
    if (counter_) counter_->append(list);
    else repliesOf(workers_).append(list);
    return list;
  }

  Histogram roundTrips() override { return counter_ ? counter_->roundTrips() : roundTripsOf(workers_); }

  Histogram lags() override { return lagsOf(workers_); }

  /// Also gives the interface back: the next engine, or an ordinary socket, may want its replies.
  void stop() override {
    threads_.join();
    collector_.reset();
    if (counter_) counter_->detach();
    seats_.clear();
    queues_.clear();
  }

 private:
  struct Worker {
    Worker(const ReplyPattern& pattern, uint32_t firstSequence) : check(pattern), sequence(firstSequence) {}
    SendCounters counters;
    ReplyCheck check;
    uint32_t sequence;
    std::vector<uint64_t> used;  ///< frames whose reply was read
  };

  /// A request in every frame; what differs from one to the next is written when it is sent.
  void prepare(XskQueue& queue) {
    for (uint64_t i = 0; i < queue.frames(); i++) std::memcpy(queue.frame(i * frameBytes), request_.data(), request_.size());
  }

  void loop(size_t thread) {
    Worker& worker = workers_[thread];
    size_t step = config_.cpus.size();
    std::vector<Schedule> schedules;
    for (size_t q = 0; q < queues_.size(); q++)
      schedules.emplace_back(config_.arrival, catchUp(config_.timed), uint32_t(q), uint32_t(queues_.size()));
    while (!threads_.stopping()) {
      double intervalNs = intervalNs_.load(std::memory_order_relaxed);
      uint64_t offered = 0;
      for (size_t q = thread; q < queues_.size(); q += step) {
        uint64_t nowNs = monotonicNs();
        worker.counters.hiccups.turn(nowNs);
        put(queues_[q], *seats_[q].front(), schedules[q], nowNs, intervalNs, worker);
        // Also when nothing is due: what the kernel would not take before still waits.
        kick(*seats_[q].front(), worker.counters);
        if (collector_) receive(queues_[q], seats_[q], worker);
        offered += schedules[q].offered();
      }
      worker.counters.offered.add(offered - worker.counters.offered.get());
    }
  }

  void put(XskQueue& queue, XskSocket& socket, Schedule& schedule, uint64_t nowNs, double intervalNs, Worker& worker) {
    bool recording = recording_.load(std::memory_order_relaxed);
    uint64_t dueNs, address;
    uint32_t done = 0;
    // Without room a request stays due: it leaves late, and the schedule slips if that lasts.
    while (done < batch && socket.tx.room() && schedule.next(nowNs, intervalNs, dueNs)) {
      // Rings that are all full leave as many frames again.
      if (!queue.take(address)) break;
      if (config_.timed) worker.counters.leaves(nowNs, dueNs, recording);
      renew(queue.frame(address), worker, dueNs);
      queue.moved(address, Owner::hand, Owner::tx);
      socket.tx.put({address, config_.packetBytes, 0});
      done++;
    }
    if (!done) return;
    socket.tx.submit();
    worker.counters.sent.add(done);
  }

  /// Makes a frame the worker's next request: its flow, its stamp, and the rest if replies are received into frames, too.
  void renew(uint8_t* frame, Worker& worker, uint64_t dueNs) {
    if (collector_) std::memcpy(frame, request_.data(), request_.size());
    const Route& route = config_.route;
    // Numbered over all threads, as a reply may come in on another thread's queue, and in steps of a power of two, so that
    // no two threads share a flow or a slot of what is tracked.
    uint32_t sequence = worker.sequence;
    worker.sequence += std::bit_ceil(uint32_t(config_.cpus.size()));
    reinterpret_cast<UdpFrame*>(frame)->udp.source = htons(uint16_t(route.firstSourcePort + sequence % route.flows));
    stamp_write(reinterpret_cast<stamp*>(frame + headerBytes), sequence, dueNs);
  }

  void kick(XskSocket& socket, SendCounters& counters) {
    for (int kicks = 0; kicks < maxKicks && socket.tx.pending(); kicks++) {
      Kick outcome = socket.kick(config_.route.interface);
      if (outcome == Kick::refused) break;
      if (outcome == Kick::batchStopped) counters.lost.add(1);
    }
  }

  void receive(XskQueue& queue, const XskSeat& seat, Worker& worker) {
    XskSocket& socket = *seat.front();
    uint32_t count = socket.rx.ready(receiveBatch);
    uint64_t nowNs = count ? monotonicNs() : 0;
    for (uint32_t i = 0; i < count; i++) {
      const xdp_desc& reply = socket.rx.peek(i);
      const uint8_t* frame = queue.frame(reply.addr);
      auto& headers = *reinterpret_cast<const UdpFrame*>(frame);
      size_t length = size_t(ntohs(headers.udp.len)) - sizeof(udphdr);
      // The collecting program let only whole UDP headers through; padding may follow the datagram, but not be missing.
      if (length > reply.len - headerBytes) length = reply.len - headerBytes;
      worker.check.take(frame + headerBytes, length, uint32_t(ntohs(headers.udp.dest) - config_.route.firstSourcePort), nowNs);
      uint64_t chunk = queue.chunkOf(reply.addr);
      queue.moved(chunk, Owner::fill, Owner::hand);
      worker.used.push_back(chunk);
    }
    if (count) socket.rx.release(count);
    queue.recycle(worker.used);
    queue.wakeDriver(seat);
  }

  GeneratorConfig config_;
  std::vector<uint8_t> request_;
  ReplyPattern pattern_;
  std::deque<XskQueue> queues_;
  std::vector<XskSeat> seats_;  // one a queue
  std::optional<ReplyCollector> collector_;
  std::optional<ReplyCounter> counter_;
  std::deque<Worker> workers_;
  std::atomic<double> intervalNs_{-1};
  std::atomic<bool> recording_{false};
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace

std::unique_ptr<Generator> startXskGenerator(const GeneratorConfig& config) {
  return std::make_unique<XskGenerator>(config);
}

}  // namespace ivb
