// Connected UDP sockets: needs no privilege. One request a system call, or batches: those of one length as one message
// that the kernel cuts up (UDP_SEGMENT), which goes down the stack once; by sendmmsg where it will not.
#include <sys/socket.h>

#include <deque>

#include "../bpf/stamp.h"
#include "generator.h"
#include "generator_workers.h"
#include "thread_group.h"
#include "udp_connection.h"
#include "udp_segment.h"

namespace ivb {
namespace {

constexpr uint32_t receiveBatch = 64;
/// Looked at for replies between two sends: a look costs a system call.
constexpr size_t socketsATurn = 8;

/// One message of many datagrams, which lie one after the other.
class Segmented {
 public:
  explicit Segmented(uint16_t datagramBytes) : datagramBytes_(datagramBytes) {
    header_.msg_iov = &part_;
    header_.msg_iovlen = 1;
    askToCut(header_, control_, datagramBytes);
  }
  Segmented(const Segmented&) = delete;

  uint32_t mostDatagrams() const { return std::min(maxSegments, uint32_t(maxMessageBytes / datagramBytes_)); }

  /// Whether the kernel took `count` datagrams from `first` on; errno if not.
  bool send(int fd, uint8_t* first, uint32_t count) {
    part_ = {first, size_t(count) * datagramBytes_};
    return sendmsg(fd, &header_, MSG_DONTWAIT) >= 0;
  }

 private:
  uint16_t datagramBytes_;
  iovec part_{};
  msghdr header_{};
  SegmentControl control_;
};

/// Buffers of one thread for so many messages, each of `bytes`, one after the other.
class Messages {
 public:
  Messages(uint32_t count, size_t bytes) : bytes_(count * bytes), parts_(count), headers_(count) {
    for (uint32_t i = 0; i < count; i++) {
      parts_[i] = {bytes_.data() + i * bytes, bytes};
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  uint8_t* payload(uint32_t i) { return static_cast<uint8_t*>(parts_[i].iov_base); }
  mmsghdr* headers() { return headers_.data(); }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> headers_;
};

class SocketGenerator : public Generator {
 public:
  SocketGenerator(const GeneratorConfig& config, uint32_t batch)
      : config_(config), batch_(batch), pattern_(replyPattern(*config.function, config.packetBytes)) {
    std::vector<uint8_t> request(config.packetBytes);
    buildRequest(request.data(), request.size(), Route{}, 0);
    payload_.assign(request.begin() + headerBytes, request.end());
    for (int cpu : config.cpus) {
      OnCpu there(cpu);
      workers_.emplace_back(pattern_, batch, payload_);
    }
    // A thread without a connection would have nothing to send on.
    for (uint32_t i = 0; i < std::max<size_t>(config.connections, workers_.size()); i++) {
      workers_[i % workers_.size()].sockets.push_back(
          connectUdp(config.route.destinationAddress, config.route.destinationPort));
    }
    threads_.start(config_.cpus, [this](size_t index) { loop(workers_[index], uint32_t(index)); });
  }

  ~SocketGenerator() override { stop(); }

  void setRate(double perSecond) override {
    intervalNs_.store(intervalNsOf(perSecond, workers_.size()), std::memory_order_release);
  }

  void record(bool on) override {
    recording_.store(on, std::memory_order_relaxed);
    for (Worker& worker : workers_) worker.check.record(on);
  }

  void countSince(uint64_t sinceNs) override {
    for (Worker& worker : workers_) worker.check.countSince(sinceNs);
  }

  void rethrow() override { threads_.rethrow(); }

  CounterList counters() override {
    CounterList list;
    sendsOf(workers_).append(list);
    repliesOf(workers_).append(list);
    return list;
  }

  Histogram roundTrips() override { return roundTripsOf(workers_); }

  Histogram lags() override { return lagsOf(workers_); }

  void stop() override { threads_.join(); }

 private:
  struct Worker {
    Worker(const ReplyPattern& pattern, uint32_t batch, const std::vector<uint8_t>& payload)
        : check(pattern),
          requests(batch, payload.size()),
          replies(receiveBatch, replyRoom),
          segmented(uint16_t(payload.size())) {
      for (uint32_t i = 0; i < batch; i++) std::memcpy(requests.payload(i), payload.data(), payload.size());
    }
    std::vector<Fd> sockets;
    SendCounters counters;
    ReplyCheck check;
    Messages requests, replies;
    Segmented segmented;
    bool segments = true;  ///< whether the kernel cuts up messages
    uint32_t sequence = 0;
    size_t turn = 0;       ///< the socket that sends next
    size_t listening = 0;  ///< the socket that is looked at next
  };

  void loop(Worker& worker, uint32_t index) {
    Schedule schedule(config_.arrival, catchUp(config_.timed), index, uint32_t(workers_.size()));
    while (!threads_.stopping()) {
      // Before the time, so that no request is due before its rate was set.
      double intervalNs = intervalNs_.load(std::memory_order_acquire);
      uint64_t nowNs = monotonicNs();
      worker.counters.hiccups.turn(nowNs);
      bool recording = recording_.load(std::memory_order_relaxed);
      uint64_t dueNs;
      uint32_t count = 0;
      while (count < batch_ && schedule.next(nowNs, intervalNs, dueNs)) {
        if (config_.timed) worker.counters.leaves(nowNs, dueNs, recording);
        stamp_write(reinterpret_cast<stamp*>(worker.requests.payload(count++)), worker.sequence++, dueNs);
      }
      worker.counters.offered.add(schedule.offered() - worker.counters.offered.get());
      if (count) send(worker, count);
      for (size_t i = 0; i < std::min(worker.sockets.size(), socketsATurn); i++)
        receive(worker, worker.listening++ % worker.sockets.size());
    }
  }

  void send(Worker& worker, uint32_t count) {
    const Fd& socket = worker.sockets[worker.turn++ % worker.sockets.size()];
    for (uint32_t done = 0; done < count;) {
      uint32_t together = std::min(count - done, worker.segmented.mostDatagrams());
      if (worker.segments && together > 1) {
        if (worker.segmented.send(socket.get(), worker.requests.payload(done), together)) {
          worker.counters.sent.add(together);
          done += together;
          continue;
        }
        // Routes without checksum offload cut nothing up, and a full buffer may have room for a few.
        if (errno == EINVAL || errno == EIO || errno == EOPNOTSUPP || errno == EMSGSIZE) {
          worker.segments = false;
        } else if (errno != EAGAIN && errno != ENOBUFS) {
          worker.counters.refused.add(1);
          done++;
          continue;
        }
      }
      int sent = sendmmsg(socket.get(), worker.requests.headers() + done, count - done, MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      // A request that the kernel refuses, perhaps for an ICMP answer to one before, is skipped.
      if (sent > 0) worker.counters.sent.add(uint32_t(sent));
      else worker.counters.refused.add(1);
      done += sent > 0 ? uint32_t(sent) : 1;
    }
  }

  void receive(Worker& worker, size_t flow) {
    int received = recvmmsg(worker.sockets[flow].get(), worker.replies.headers(), receiveBatch, MSG_DONTWAIT, nullptr);
    if (received <= 0) return;
    uint64_t nowNs = monotonicNs();
    for (int i = 0; i < received; i++) {
      // What does not fit is longer than any right reply.
      const mmsghdr& header = worker.replies.headers()[i];
      size_t length = header.msg_hdr.msg_flags & MSG_TRUNC ? SIZE_MAX : header.msg_len;
      worker.check.take(worker.replies.payload(uint32_t(i)), length, uint32_t(flow), nowNs);
    }
  }

  GeneratorConfig config_;
  uint32_t batch_;
  ReplyPattern pattern_;
  std::vector<uint8_t> payload_;
  std::deque<Worker> workers_;
  std::atomic<double> intervalNs_{-1};
  std::atomic<bool> recording_{false};
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace

std::unique_ptr<Generator> startSocketGenerator(const GeneratorConfig& config, uint32_t batch) {
  return std::make_unique<SocketGenerator>(config, batch);
}

}  // namespace ivb
