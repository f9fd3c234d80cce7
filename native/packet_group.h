#pragma once
// The packet sockets of a function: which of them gets a request (bpf/admit.bpf.c).
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "invoker.h"

struct admit;

namespace ivb {

/// Counted by the programs of a group.
struct Admissions {
  uint64_t forOthers, refusedSource, taken;
};

class PacketGroup {
 public:
  /// Throws SystemError BPF_LOAD.
  PacketGroup(const InvokerConfig& config, const Service& service);
  PacketGroup(PacketGroup&&) noexcept;
  ~PacketGroup();

  /// To be called before the socket is bound: until it has joined it takes nothing, or it would take what others get, too.
  static void keepOut(int fd);
  /// The socket, which is bound, becomes the group's last. It gets nothing before it is seated. Throws SystemError.
  void join(int fd);
  /// Requests of a queue go to these sockets, which have joined, in turn.
  void seat(uint32_t queue, const std::vector<int>& fds);
  /// That socket, which has no seat, was closed: the kernel has put its last one in its place.
  void removed(int fd);
  /// Whether requests are taken; not, before.
  void open(bool on);
  Admissions admissions() const;

 private:
  void reseat();

  std::unique_ptr<struct admit, void (*)(struct admit*)> skeleton_;
  std::vector<int> sockets_;             // in the order in which the kernel numbers them
  std::vector<std::vector<int>> seats_;  // of each queue
  int id_ = -1;                          // in this network namespace
};

}  // namespace ivb
