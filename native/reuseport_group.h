#pragma once
// The sockets that share a port, in the order in which the kernel numbers them, and the rule that picks one of them.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "choices.h"

namespace ivb {

/// Requests to the port that `socket` shares go to the socket whose number is their source port modulo `choices`, leaving
/// out the number `avoided`; those of a number that there is not yet, to one by the hash of the flow. Throws SystemError.
void steerByPort(int socket, uint32_t choices, uint32_t avoided = UINT32_MAX);

class ReuseportGroup {
 public:
  explicit ReuseportGroup(SocketSteering steering) : steering_(steering) {}

  /// The socket was just bound: it is the group's last.
  void add(int fd);
  /// Nothing new is sent the way of that socket, which is still open.
  void withdraw(int fd);
  /// To be called before a socket is closed that nobody sends from any more: while it closes, a lookup may find it
  /// outside of its group and deliver to it. Best effort.
  static void hide(int fd);
  /// That socket was closed: the kernel has put its last one in its place.
  void removed(int fd);

 private:
  static constexpr size_t nobody = SIZE_MAX;
  size_t indexOf(int fd) const;
  void steer(size_t avoided);

  SocketSteering steering_;
  std::vector<int> sockets_;
};

}  // namespace ivb
