#include "udp_socket.h"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "busy_poll.h"
#include "error.h"

namespace ivb {

void forceBuffer(int fd, int forced, int plain, uint32_t bytes) {
  int value = int(bytes);
  if (setsockopt(fd, SOL_SOCKET, forced, &value, sizeof value) != 0)
    setsockopt(fd, SOL_SOCKET, plain, &value, sizeof value);
}

uint32_t receiveBufferBytes(int socket) {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  if (getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, &length) != 0)
    fail("SOCKET", "getsockopt(SO_RCVBUF)", "cannot read the size of the receive buffer");
  return uint32_t(bytes);
}

void askForAddresses(int socket) {
  int on = 1;
  if (setsockopt(socket, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0)
    fail("SOCKET", "setsockopt(IP_PKTINFO)", "cannot learn which address is asked");
}

namespace {

/// A reply longer than the interface's MTU is refused (EMSGSIZE), as AF_XDP cannot cut it either. A path MTU that an ICMP
/// message tells, which anybody can forge, is not believed.
void refuseLongReplies(int socket) {
  int mode = IP_PMTUDISC_INTERFACE;
  if (setsockopt(socket, IPPROTO_IP, IP_MTU_DISCOVER, &mode, sizeof mode) != 0)
    fail("SOCKET", "setsockopt(IP_MTU_DISCOVER)", "cannot keep replies from being cut into fragments");
}

}  // namespace

void setUpUdp(int socket, const UdpSocketOptions& options) {
  const std::string& interface = options.interface;
  if (!interface.empty() &&
      setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), socklen_t(interface.size())) != 0)
    fail(errno == ENODEV ? "NO_INTERFACE" : "SOCKET", "setsockopt(SO_BINDTODEVICE)", "cannot bind to interface " + interface);
  forceBuffer(socket, SO_RCVBUFFORCE, SO_RCVBUF, options.bufferBytes);
  forceBuffer(socket, SO_SNDBUFFORCE, SO_SNDBUF, options.bufferBytes);
  if (options.busyPollUs) preferBusyPoll(socket, options.busyPollUs);
  refuseLongReplies(socket);
}

Fd bindUdp(const UdpSocketOptions& options) {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) fail("SOCKET", "socket", "cannot create a UDP socket");
  int on = 1;
  if (options.sharing == PortSharing::reusePort && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    fail("SOCKET", "setsockopt(SO_REUSEPORT)", "cannot share the port");
  setUpUdp(fd.get(), options);

  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = options.address;
  address.sin_port = htons(options.port);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  std::string port = "cannot bind UDP port " + std::to_string(options.port);
  if (errno == EADDRINUSE) fail("PORT_IN_USE", "bind", port + ", somebody has it (see ss -lunp)");
  if (errno == EADDRNOTAVAIL) fail("BIND", "bind", port + ", no interface has that address");
  fail("BIND", "bind", port);
}

Fd takeDescriptor(pid_t process, int descriptor) {
  // Linux 5.3 and 5.6. By number: an older C library has no names for them.
  Fd handle(int(syscall(SYS_pidfd_open, process, 0)));
  Fd taken(handle ? int(syscall(SYS_pidfd_getfd, handle.get(), descriptor, 0)) : -1);
  if (!taken)
    fail("SOCKET", handle ? "pidfd_getfd" : "pidfd_open", "cannot get at the socket of process " + std::to_string(process));
  return taken;
}

void keepPort(int socket) {
  int off = 0;
  if (setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &off, sizeof off) != 0)
    fail("SOCKET", "setsockopt(SO_REUSEADDR)", "cannot keep the port from others");
}

void refuseTakenPort(const std::string& interface, uint32_t address, uint16_t port) {
  bindUdp({.interface = interface, .address = address, .port = port, .sharing = PortSharing::exclusive, .bufferBytes = 0,
           .busyPollUs = 0});
}

bool dropsDatagrams(int socket) {
  sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  sock_fprog program{1, code};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void refuseDatagrams(const Fd& socket) {
  if (dropsDatagrams(socket.get())) return;
  int error = errno;
  // A low net.core.optmem_max leaves no memory for a filter. Who asks is then told that nobody has the port.
  if (bindToNowhere(socket.get())) return;
  throw SystemError("SOCKET", "setsockopt(SO_ATTACH_FILTER)", error, "cannot keep requests from a socket that is to stop");
}

bool bindToNowhere(int socket) {
  constexpr int bindToIndexOption = 62, nowhere = INT32_MAX;  // SO_BINDTOIFINDEX, Linux 5.1
  return setsockopt(socket, SOL_SOCKET, bindToIndexOption, &nowhere, sizeof nowhere) == 0;
}

uint32_t droppedDatagrams(int socket) {
  uint32_t memory[SK_MEMINFO_VARS] = {};
  socklen_t length = sizeof memory;
  if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, memory, &length) != 0) return 0;
  return memory[SK_MEMINFO_DROPS];
}

}  // namespace ivb
