// The plain baseline: one socket, one thread, recvfrom / function / sendto.
#include <netinet/in.h>

#include "control_message.h"
#include "udp_invoker.h"

namespace ivb {
namespace {

/// A request and its reply, in the same memory.
class Exchange {
 public:
  /// Its length, whatever of it found room; negative: see errno.
  ssize_t receive(int fd, int flags) {
    peerBytes_ = sizeof peer_;
    return recvfrom(fd, datagram_, sizeof datagram_, MSG_TRUNC | flags, reinterpret_cast<sockaddr*>(&peer_), &peerBytes_);
  }
  ssize_t reply(int fd, size_t bytes) {
    return sendto(fd, datagram_, bytes, 0, reinterpret_cast<sockaddr*>(&peer_), peerBytes_);
  }
  /// An empty datagram has a sender; the end of a socket that was shut down has none.
  bool hasSender() const { return peerBytes_ > 0; }
  const sockaddr_in& peer() const { return peer_; }
  uint8_t* payload() { return datagram_; }

 protected:
  alignas(64) uint8_t datagram_[datagramBytes];
  sockaddr_in peer_;
  socklen_t peerBytes_ = 0;
};

/// The same with the address that was asked, which takes the calls with a message header.
class AddressedExchange : public Exchange {
 public:
  ssize_t receive(int fd, int flags) {
    vector_ = {datagram_, sizeof datagram_};
    header_ = {};
    header_.msg_name = &peer_;
    header_.msg_namelen = sizeof peer_;
    header_.msg_iov = &vector_;
    header_.msg_iovlen = 1;
    header_.msg_control = asked_.bytes;
    header_.msg_controllen = sizeof asked_.bytes;
    ssize_t length = recvmsg(fd, &header_, MSG_TRUNC | flags);
    peerBytes_ = header_.msg_namelen;
    return length;
  }
  ssize_t reply(int fd, size_t bytes) {
    vector_.iov_len = bytes;
    replyFromAsked(header_);
    return sendmsg(fd, &header_, 0);
  }

 private:
  iovec vector_;
  msghdr header_;
  AskedAddress asked_;
};

class RecvfromInvoker : public UdpInvoker {
 public:
  explicit RecvfromInvoker(const InvokerConfig& config) : UdpInvoker(config, PortSharing::exclusive) { start(); }
  ~RecvfromInvoker() override { stopQuietly(); }

 protected:
  void serve(Slot& slot) override {
    if (repliesFrom() == RepliesFrom::asked) serveBy<AddressedExchange>(slot);
    else serveBy<Exchange>(slot);
  }

 private:
  template <typename Exchange>
  void serveBy(Slot& slot) {
    Exchange exchange;
    InvokerCounters& counters = slot.counters;
    Work work = workOf(slot);
    Answers answers = this->answers();
    Waiting waiting = waitingOf(slot);
    int fd = slot.resource->socket.get();
    for (;;) {
      bool leaving = waiting.isLeaving();
      ssize_t length = exchange.receive(fd, waiting.flags());
      if (length < 0 && errno == EINTR) continue;
      if (length < 0 && errno == EAGAIN) {
        if (leaving) return;
        cpuRelax();
        continue;
      }
      if (length < 0) fail("RECEIVE", "recvfrom", "cannot receive");
      if (!exchange.hasSender()) return;
      counters.received.add(1);
      if (size_t(length) > datagramBytes) {
        counters.malformed.add(1);
        continue;
      }
      if (!answers(exchange.peer())) {
        counters.refusedSource.add(1);
        continue;
      }
      size_t replyBytes = work(exchange.payload(), size_t(length), datagramBytes);
      if (replyBytes == functionFailed) {
        counters.functionFailed.add(1);
        continue;
      }
      counters.handled.add(1);
      ssize_t sent = exchange.reply(fd, replyBytes);
      (sent == ssize_t(replyBytes) ? counters.replied : counters.sendFailed).add(1);
    }
  }
};

}  // namespace

std::unique_ptr<Invoker> startRecvfrom(const InvokerConfig& config) { return std::make_unique<RecvfromInvoker>(config); }

}  // namespace ivb
