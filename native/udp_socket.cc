#include "udp_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "error.h"

namespace ivb {
namespace {

/// The forced form ignores the sysctl limit but needs CAP_NET_ADMIN; the plain one is what is left without it.
void growBuffer(int fd, int forced, int plain, uint32_t bytes) {
  int value = int(bytes);
  if (setsockopt(fd, SOL_SOCKET, forced, &value, sizeof value) != 0)
    setsockopt(fd, SOL_SOCKET, plain, &value, sizeof value);
}

}  // namespace

uint32_t receiveBufferBytes(const Fd& socket) {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &length) != 0)
    fail("SOCKET", "getsockopt(SO_RCVBUF)", "cannot read the size of the receive buffer");
  return uint32_t(bytes);
}

Fd bindUdp(const std::string& interface, uint16_t port, PortSharing sharing, uint32_t bufferBytes) {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) fail("SOCKET", "socket", "cannot create a UDP socket");
  int on = 1;
  if (sharing == PortSharing::reusePort && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    fail("SOCKET", "setsockopt(SO_REUSEPORT)", "cannot share the port");
  if (!interface.empty() &&
      setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), socklen_t(interface.size())) != 0)
    fail(errno == ENODEV ? "NO_INTERFACE" : "SOCKET", "setsockopt(SO_BINDTODEVICE)", "cannot bind to interface " + interface);
  growBuffer(fd.get(), SO_RCVBUFFORCE, SO_RCVBUF, bufferBytes);
  growBuffer(fd.get(), SO_SNDBUFFORCE, SO_SNDBUF, bufferBytes);

  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    fail(errno == EADDRINUSE ? "PORT_IN_USE" : "BIND", "bind", "cannot bind UDP port " + std::to_string(port));
  return fd;
}

}  // namespace ivb
