// The optimised sockets: recvmmsg / function / sendmmsg, SO_REUSEPORT with a socket a thread.
#include <netinet/in.h>
#include <sys/socket.h>

#include <deque>

#include "invoker.h"
#include "thread_group.h"
#include "udp_socket.h"

namespace ivb {
namespace {

constexpr size_t datagramBytes = 2048;

/// Buffers and message headers of one batch, receive and send being the same memory.
class Batch {
 public:
  explicit Batch(uint32_t size) : buffers_(size_t(size) * datagramBytes), peers_(size), vectors_(size), messages_(size) {
    for (uint32_t i = 0; i < size; i++) {
      vectors_[i] = {buffers_.data() + size_t(i) * datagramBytes, datagramBytes};
      msghdr& header = messages_[i].msg_hdr;
      header = {};
      header.msg_name = &peers_[i];
      header.msg_namelen = sizeof(sockaddr_in);
      header.msg_iov = &vectors_[i];
      header.msg_iovlen = 1;
    }
  }

  mmsghdr* messages() { return messages_.data(); }
  uint32_t size() const { return uint32_t(messages_.size()); }
  uint8_t* payload(uint32_t i) { return static_cast<uint8_t*>(vectors_[i].iov_base); }
  size_t received(uint32_t i) const { return messages_[i].msg_len; }

  /// How many of the first `received` messages came from somebody; the others stand behind them.
  uint32_t withSender(uint32_t received) const {
    while (received > 0 && messages_[received - 1].msg_hdr.msg_namelen == 0) received--;
    return received;
  }
  /// Makes message i the reply of `bytes`.
  void setReply(uint32_t i, size_t bytes) { vectors_[i].iov_len = bytes; }
  /// Moves reply `from` down to `to`, so that the replies of a batch with failed requests stay consecutive.
  void compact(uint32_t to, uint32_t from) {
    if (to == from) return;
    std::swap(vectors_[to], vectors_[from]);
    std::swap(peers_[to], peers_[from]);
  }
  void prepareReceive(uint32_t used) {
    for (uint32_t i = 0; i < used; i++) {
      vectors_[i].iov_len = datagramBytes;
      messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    }
  }

 private:
  std::vector<uint8_t> buffers_;
  std::vector<sockaddr_in> peers_;
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> messages_;
};

class RecvmmsgInvoker : public Invoker {
 public:
  explicit RecvmmsgInvoker(const InvokerConfig& config) : config_(config) {
    // In thread order: the kernel's reuseport group numbers its sockets in the order of their binding.
    for (uint32_t i = 0; i < config.threads; i++) {
      sockets_.push_back(bindUdp(config.interface, config.port, PortSharing::reusePort, config.socketBufferBytes));
      counters_.emplace_back();
    }
    threads_.start(config_.cpus, [this](size_t index) { loop(sockets_[index].get(), counters_[index]); });
  }

  ~RecvmmsgInvoker() override { stop(); }

  void stop() override {
    threads_.requestStop();
    for (const Fd& socket : sockets_) shutdown(socket.get(), SHUT_RD);
    threads_.join();
  }

  std::vector<CounterList> threadCounters() override {
    threads_.rethrow();
    std::vector<CounterList> out;
    for (const InvokerCounters& counters : counters_) out.push_back(counters.listWithHiccups());
    return out;
  }
  CounterList sharedCounters() override { return {}; }
  std::vector<std::pair<std::string, std::string>> granted() override {
    return {{"batch", std::to_string(config_.batch)},
            {"receiveBufferBytes", std::to_string(receiveBufferBytes(sockets_.front()))}};
  }

 private:
  void loop(int fd, InvokerCounters& counters) {
    Batch batch(config_.batch);
    uint32_t used = 0;
    for (;;) {
      batch.prepareReceive(used);
      int received = recvmmsg(fd, batch.messages(), batch.size(), MSG_WAITFORONE, nullptr);
      counters.syscalls.add(1);
      if (received < 0 && errno == EINTR) continue;
      if (received < 0) fail("RECEIVE", "recvmmsg", "cannot receive");
      used = batch.withSender(uint32_t(received));
      // What the end of a socket that was shut down reads as: a datagram without a sender.
      if (used == 0) return;
      // A full batch means that the thread never rested: only then is a long gap the host's doing.
      if (used == batch.size()) counters.hiccups.turn(monotonicNs());
      else counters.hiccups.rest();
      counters.received.add(used);
      uint32_t replies = run(batch, used, counters);
      send(fd, batch, replies, counters);
    }
  }

  /// Runs the function on each request; returns how many replies stand at the front of the batch.
  uint32_t run(Batch& batch, uint32_t used, InvokerCounters& counters) {
    uint32_t replies = 0;
    for (uint32_t i = 0; i < used; i++) {
      size_t bytes = config_.function->run(batch.payload(i), batch.received(i), datagramBytes);
      if (bytes == functionFailed) {
        counters.functionFailed.add(1);
        continue;
      }
      batch.setReply(i, bytes);
      batch.compact(replies++, i);
    }
    counters.handled.add(replies);
    return replies;
  }

  void send(int fd, Batch& batch, uint32_t replies, InvokerCounters& counters) {
    for (uint32_t done = 0; done < replies;) {
      int sent = sendmmsg(fd, batch.messages() + done, replies - done, 0);
      counters.syscalls.add(1);
      if (sent < 0 && errno == EINTR) continue;
      if (sent > 0) {
        counters.replied.add(uint64_t(sent));
        done += uint32_t(sent);
      } else {
        // The first message of the rest cannot be sent: skip it, the others may.
        counters.sendFailed.add(1);
        done++;
      }
    }
  }

  InvokerConfig config_;
  std::vector<Fd> sockets_;
  std::deque<InvokerCounters> counters_;  // a deque: counters neither move nor copy
  ThreadGroup threads_;                   // last: its destructor joins before the rest goes
};

}  // namespace

std::unique_ptr<Invoker> startRecvmmsg(const InvokerConfig& config) { return std::make_unique<RecvmmsgInvoker>(config); }

}  // namespace ivb
