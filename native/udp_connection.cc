#include "udp_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "error.h"
#include "udp_socket.h"

namespace ivb {
namespace {

/// Replies to a burst wait here while the thread sends; without CAP_NET_ADMIN the kernel limits it (net.core.rmem_max).
constexpr uint32_t replyBufferBytes = 8 << 20;

}  // namespace

Fd connectUdp(uint32_t address, uint16_t port) {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) fail("SOCKET", "socket", "cannot create a UDP socket");
  forceBuffer(fd.get(), SO_RCVBUFFORCE, SO_RCVBUF, replyBufferBytes);
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_addr.s_addr = address;
  peer.sin_port = htons(port);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0)
    fail("CONNECT", "connect", "cannot reach UDP port " + std::to_string(port));
  return fd;
}

}  // namespace ivb
