#pragma once
// Sockets that hold the ports of an invoker that answers before the kernel's UDP: else anybody could bind them, and get
// what is not answered there, or the kernel would answer it with ICMP port unreachable.
#include <vector>

#include "invoker.h"
#include "udp_socket.h"

namespace ivb {

class PortHolders {
 public:
  /// Binds the port of each service, if it does not hold them. Throws SystemError PORT_IN_USE.
  void hold(const InvokerConfig& config) {
    if (!sockets_.empty()) return;
    for (const Service& service : config.services) {
      sockets_.push_back(bindUdp({.interface = config.interface, .address = config.address, .port = service.port,
                                  .sharing = PortSharing::exclusive, .bufferBytes = 0, .busyPollUs = 0}));
      if (!dropsDatagrams(sockets_.back().get()))
        fail("SOCKET", "setsockopt(SO_ATTACH_FILTER)", "cannot hold UDP port " + std::to_string(service.port));
    }
  }

  /// Gives the ports back to others. What came there stays counted.
  void release() {
    dropped_ = dropped();
    sockets_.clear();
  }

  /// Adds `leftToKernel`: requests that the XDP program did not take (fragments, IP options, RX queues that are not
  /// served, before it served and after), which these sockets dropped.
  void append(CounterList& out) const { out.emplace_back("leftToKernel", dropped()); }

 private:
  uint64_t dropped() const {
    uint64_t sum = dropped_;
    for (const Fd& socket : sockets_) sum += droppedDatagrams(socket.get());
    return sum;
  }

  std::vector<Fd> sockets_;
  uint64_t dropped_ = 0;  ///< by those that were given back
};

}  // namespace ivb
