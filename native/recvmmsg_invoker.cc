// The optimised sockets: recvmmsg / function / sendmmsg, SO_REUSEPORT with a socket a thread.
#include <netinet/in.h>

#include "control_message.h"
#include "message_batch.h"
#include "segment_batch.h"
#include "udp_invoker.h"

namespace ivb {
namespace {

/// Buffers and message headers of one batch, receive and send being the same memory.
class Batch {
 public:
  Batch(uint32_t size, RepliesFrom repliesFrom)
      : buffers_(size_t(size) * datagramBytes),
        peers_(size),
        vectors_(size),
        asked_(repliesFrom == RepliesFrom::asked ? size : 0),
        messages_(size) {
    for (uint32_t i = 0; i < size; i++) {
      vectors_[i] = {buffers_.data() + size_t(i) * datagramBytes, datagramBytes};
      msghdr& header = messages_[i].msg_hdr;
      header = {};
      header.msg_name = &peers_[i];
      header.msg_namelen = sizeof(sockaddr_in);
      header.msg_iov = &vectors_[i];
      header.msg_iovlen = 1;
    }
    prepareReceive(size);
  }

  mmsghdr* messages() { return messages_.data(); }
  uint32_t size() const { return uint32_t(messages_.size()); }
  uint8_t* payload(uint32_t i) { return static_cast<uint8_t*>(vectors_[i].iov_base); }
  size_t received(uint32_t i) const { return messages_[i].msg_len; }
  const sockaddr_in& peer(uint32_t i) const { return peers_[i]; }
  /// Whether message i was longer than its buffer.
  bool isCutOff(uint32_t i) const { return messages_[i].msg_hdr.msg_flags & MSG_TRUNC; }
  /// Makes message i the reply of `bytes`.
  void setReply(uint32_t i, size_t bytes) {
    vectors_[i].iov_len = bytes;
    if (!asked_.empty()) replyFromAsked(messages_[i].msg_hdr);
  }
  /// Moves reply `from` down to `to`, so that the replies of a batch with failed requests stay consecutive.
  void compact(uint32_t to, uint32_t from) {
    if (to == from) return;
    std::swap(vectors_[to], vectors_[from]);
    std::swap(peers_[to], peers_[from]);
    if (!asked_.empty()) std::swap(asked_[to], asked_[from]);
  }
  void prepareReceive(uint32_t used) {
    for (uint32_t i = 0; i < used; i++) {
      vectors_[i].iov_len = datagramBytes;
      messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
      if (asked_.empty()) continue;
      messages_[i].msg_hdr.msg_control = asked_[i].bytes;
      messages_[i].msg_hdr.msg_controllen = sizeof asked_[i].bytes;
    }
  }

 private:
  std::vector<uint8_t> buffers_;
  std::vector<sockaddr_in> peers_;
  std::vector<iovec> vectors_;
  std::vector<AskedAddress> asked_;  ///< none where there is only one address
  std::vector<mmsghdr> messages_;
};

class RecvmmsgInvoker : public UdpInvoker {
 public:
  explicit RecvmmsgInvoker(const InvokerConfig& config) : UdpInvoker(config, PortSharing::reusePort) { start(); }
  ~RecvmmsgInvoker() override { stopQuietly(); }

  std::vector<std::pair<std::string, std::string>> granted() override {
    auto out = UdpInvoker::granted();
    out.emplace_back("batch", std::to_string(config().batch));
    out.emplace_back("gro", wordOf(config().gro));
    return out;
  }

 protected:
  bool scales() const override { return true; }

  std::unique_ptr<UdpSeat> open(const Slot& slot) override {
    auto seat = UdpInvoker::open(slot);
    if (config().gro == Switch::on) askForSegments(seat->socket.get());
    return seat;
  }

  void serve(Slot& slot) override {
    int fd = slot.resource->socket.get();
    if (config().gro == Switch::on)
      serveSegments({fd, config().batch, workOf(slot), waitingOf(slot), answers(), slot.counters});
    else serveDatagrams(fd, workOf(slot), waitingOf(slot), slot.counters);
  }

 private:
  void serveDatagrams(int fd, const Work& work, const Waiting& waiting, InvokerCounters& counters) {
    Batch batch(config().batch, repliesFrom());
    uint32_t used = 0;
    for (;;) {
      batch.prepareReceive(used);
      used = receiveMessages(fd, batch.messages(), batch.size(), waiting);
      if (used == 0) return;
      counters.received.add(used);
      uint32_t replies = answer(batch, used, work, counters);
      sendMessages(
          fd, batch.messages(), replies, [&](const mmsghdr&) { counters.replied.add(1); },
          [&](const mmsghdr&) { counters.sendFailed.add(1); });
    }
  }

  /// Runs the function on each request; returns how many replies stand at the front of the batch.
  uint32_t answer(Batch& batch, uint32_t used, const Work& work, InvokerCounters& counters) {
    uint32_t replies = 0;
    Answers answers = this->answers();
    for (uint32_t i = 0; i < used; i++) {
      if (batch.isCutOff(i)) {
        counters.malformed.add(1);
        continue;
      }
      if (!answers(batch.peer(i))) {
        counters.refusedSource.add(1);
        continue;
      }
      size_t bytes = work(batch.payload(i), batch.received(i), datagramBytes);
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
};

}  // namespace

std::unique_ptr<Invoker> startRecvmmsg(const InvokerConfig& config) { return std::make_unique<RecvmmsgInvoker>(config); }

}  // namespace ivb
