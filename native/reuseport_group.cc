#include "reuseport_group.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "error.h"
#include "grace_period.h"
#include "udp_socket.h"

namespace ivb {

void steerByPort(int socket, uint32_t choices, uint32_t avoided) {
  constexpr uint32_t network = uint32_t(SKF_NET_OFF);  // the IP header, which the filter's own offsets begin behind
  sock_filter code[] = {
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, network),  // X = bytes of the IP header
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, network),   // A = source port
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, choices),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, avoided, 0, 1),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  sock_fprog program{uint16_t(sizeof code / sizeof *code), code};
  if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) != 0)
    fail("REUSEPORT", "setsockopt(SO_ATTACH_REUSEPORT_CBPF)", "cannot steer requests to sockets by source port");
}

void ReuseportGroup::add(int fd) {
  sockets_.push_back(fd);
  if (steering_ != SocketSteering::port || sockets_.size() < 2) return;  // of one there is nothing to choose
  try {
    steer(nobody);
  } catch (...) {
    sockets_.pop_back();
    throw;
  }
}

void ReuseportGroup::withdraw(int fd) {
  steer(indexOf(fd));
}

void ReuseportGroup::hide(int fd) {
  if (bindToNowhere(fd)) awaitGracePeriod();
}

void ReuseportGroup::removed(int fd) {
  size_t index = indexOf(fd);
  sockets_[index] = sockets_.back();
  sockets_.pop_back();
  if (sockets_.empty()) return;
  if (steering_ == SocketSteering::port) return steer(nobody);
  constexpr int detachOption = 68;  // SO_DETACH_REUSEPORT_BPF: back to the kernel's hash
  int none = 0;
  // ENOENT: no socket was withdrawn before, so the hash rules already.
  if (setsockopt(sockets_.front(), SOL_SOCKET, detachOption, &none, sizeof none) != 0 && errno != ENOENT)
    fail("REUSEPORT", "setsockopt(SO_DETACH_REUSEPORT_BPF)", "cannot return to the hash of flows");
}

size_t ReuseportGroup::indexOf(int fd) const {
  return size_t(std::find(sockets_.begin(), sockets_.end(), fd) - sockets_.begin());
}

/// Leaves out the socket at `avoided`.
void ReuseportGroup::steer(size_t avoided) {
  uint32_t choices = uint32_t(sockets_.size()) - (avoided == nobody ? 0 : 1);
  steerByPort(sockets_.front(), choices, uint32_t(std::min<size_t>(avoided, UINT32_MAX)));
}

}  // namespace ivb
