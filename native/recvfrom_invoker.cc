// The plain baseline: one socket, one thread, recvfrom / function / sendto.
#include <netinet/in.h>

#include "udp_invoker.h"

namespace ivb {
namespace {

class RecvfromInvoker : public UdpInvoker {
 public:
  explicit RecvfromInvoker(const InvokerConfig& config) : UdpInvoker(config, PortSharing::exclusive) { start(); }
  ~RecvfromInvoker() override { stopQuietly(); }

 protected:
  void serve(Slot& slot) override {
    alignas(64) uint8_t datagram[datagramBytes];
    sockaddr_in peer;
    InvokerCounters& counters = slot.counters;
    Work work = workOf(slot);
    Waiting waiting = waitingOf(slot);
    int fd = slot.resource->socket.get();
    for (;;) {
      socklen_t peerBytes = sizeof peer;
      bool leaving = waiting.isLeaving();
      ssize_t length = recvfrom(fd, datagram, sizeof datagram, MSG_TRUNC | waiting.flags(),
                                reinterpret_cast<sockaddr*>(&peer), &peerBytes);
      if (length < 0 && errno == EINTR) continue;
      if (length < 0 && errno == EAGAIN) {
        if (leaving) return;
        cpuRelax();
        continue;
      }
      if (length < 0) fail("RECEIVE", "recvfrom", "cannot receive");
      // An empty datagram has a sender; the end of a socket that was shut down has none.
      if (peerBytes == 0) return;
      counters.received.add(1);
      // With MSG_TRUNC the length is that of the datagram, whatever of it found room.
      if (size_t(length) > sizeof datagram) {
        counters.malformed.add(1);
        continue;
      }
      size_t replyBytes = work(datagram, size_t(length), sizeof datagram);
      if (replyBytes == functionFailed) {
        counters.functionFailed.add(1);
        continue;
      }
      counters.handled.add(1);
      ssize_t sent = sendto(fd, datagram, replyBytes, 0, reinterpret_cast<sockaddr*>(&peer), peerBytes);
      (sent == ssize_t(replyBytes) ? counters.replied : counters.sendFailed).add(1);
    }
  }
};

}  // namespace

std::unique_ptr<Invoker> startRecvfrom(const InvokerConfig& config) { return std::make_unique<RecvfromInvoker>(config); }

}  // namespace ivb
