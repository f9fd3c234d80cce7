// The plain baseline: one socket, one thread, recvfrom / function / sendto.
#include <netinet/in.h>
#include <sys/socket.h>

#include "invoker.h"
#include "thread_group.h"
#include "udp_socket.h"

namespace ivb {
namespace {

constexpr size_t datagramBytes = 2048;

class RecvfromInvoker : public Invoker {
 public:
  explicit RecvfromInvoker(const InvokerConfig& config)
      : config_(config), socket_(bindUdp(config.interface, config.port, PortSharing::exclusive, config.socketBufferBytes)) {
    threads_.start(config_.cpus, [this](size_t) { loop(); });
  }

  ~RecvfromInvoker() override { stop(); }

  void stop() override {
    threads_.requestStop();
    // Wakes the blocked receiver; what is in the socket buffer is still delivered before it sees the end.
    shutdown(socket_.get(), SHUT_RD);
    threads_.join();
  }

  std::vector<CounterList> threadCounters() override {
    threads_.rethrow();
    return {counters_.list()};
  }
  CounterList sharedCounters() override { return {}; }
  std::vector<std::pair<std::string, std::string>> granted() override {
    return {{"receiveBufferBytes", std::to_string(receiveBufferBytes(socket_))}};
  }

 private:
  void loop() {
    alignas(64) uint8_t datagram[datagramBytes];
    sockaddr_in peer;
    for (;;) {
      socklen_t peerBytes = sizeof peer;
      ssize_t length = recvfrom(socket_.get(), datagram, sizeof datagram, 0, reinterpret_cast<sockaddr*>(&peer), &peerBytes);
      if (length < 0 && errno == EINTR) continue;
      if (length < 0) fail("RECEIVE", "recvfrom", "cannot receive");
      // An empty datagram has a sender; the end of a socket that was shut down has none.
      if (peerBytes == 0) return;
      counters_.received.add(1);
      size_t replyBytes = config_.function->run(datagram, size_t(length), sizeof datagram);
      if (replyBytes == functionFailed) {
        counters_.functionFailed.add(1);
        continue;
      }
      counters_.handled.add(1);
      ssize_t sent = sendto(socket_.get(), datagram, replyBytes, 0, reinterpret_cast<sockaddr*>(&peer), peerBytes);
      (sent == ssize_t(replyBytes) ? counters_.replied : counters_.sendFailed).add(1);
      counters_.syscalls.add(2);
    }
  }

  InvokerConfig config_;
  Fd socket_;
  InvokerCounters counters_;
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace

std::unique_ptr<Invoker> startRecvfrom(const InvokerConfig& config) { return std::make_unique<RecvfromInvoker>(config); }

}  // namespace ivb
