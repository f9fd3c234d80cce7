#pragma once
// What an AF_XDP invoker can serve on the interface and the kernel that it has.
#include <algorithm>
#include <string>
#include <vector>

#include "interface_facts.h"
#include "invoker.h"
#include "kernel_version.h"

namespace ivb {

/// Which RX queues are served, and by the threads of which queue.
class ServedQueues {
 public:
  ServedQueues() = default;

  /// Counts the queues of the interface, which is to be done with XDP attached: virtio_net receives on more from then on.
  /// Throws SystemError RESOURCES where there are not as many as the threads are for.
  explicit ServedQueues(const InvokerConfig& config) : queues_(config.queues), present_(queueCounts(config.interface)) {
    // Bound to a queue without its like of the other kind, a socket receives nothing, or sends nothing and no error tells.
    uint32_t pairs = std::min(present_.rx, present_.tx);
    if (pairs && queues_ > pairs)
      throw SystemError("RESOURCES", "bind(AF_XDP)", 0,
                        config.interface + " has " + std::to_string(present_.rx) + " RX and " + std::to_string(present_.tx) +
                            " TX queues: threads of " + std::to_string(queues_) + " queues need as many of both");
    uint32_t asked = config.servedRxQueues && present_.rx ? std::min(config.servedRxQueues, present_.rx)
                                                          : std::max(config.servedRxQueues, present_.rx);
    // The loop of 2018 knows one RX queue a socket.
    served_ = config.loop == Loop::of2018 ? queues_ : std::max(queues_, asked);
  }

  /// RX queues 0 .. served() - 1.
  uint32_t served() const { return served_; }
  /// Those that the threads of a queue serve.
  std::vector<uint32_t> of(uint32_t queue) const {
    std::vector<uint32_t> out;
    for (uint32_t rxQueue = queue; rxQueue < served_; rxQueue += queues_) out.push_back(rxQueue);
    return out;
  }
  /// "3 of 4"; "3 of unknown" where sysfs cannot be read.
  std::string text() const {
    return std::to_string(served_) + " of " + (present_.rx ? std::to_string(std::max(served_, present_.rx)) : "unknown");
  }

 private:
  uint32_t queues_ = 0, served_ = 0;
  QueueCounts present_{};  ///< zeros if unknown
};

/// Until Linux 6.15 (a1356ac7749c) each socket of a queue had its own lock around the fill ring that they share where XDP runs
/// behind the driver, on several CPUs at once: a frame could be filled twice. Throws SystemError SHARED_RING.
inline void refuseSharedRing(Attach attach) {
  if (attach != Attach::skb || kernelIsAtLeast(6, 15)) return;
  throw SystemError("SHARED_RING", "bind(AF_XDP)", EOPNOTSUPP,
                    "with XDP attached as skb, Linux before 6.15 may receive two requests into one frame of a queue that has "
                    "several threads (choose one thread a queue and one function, or native)");
}

/// A zero-copy driver that cannot complete a checksum sends what is in its place, which is wrong, and says nothing. Throws
/// SystemError CHECKSUM.
inline void refuseWrongChecksums(const InvokerConfig& config, const std::string& copyMode) {
  if (config.checksum != Checksum::offload || copyMode != "zerocopy" || completesChecksums(config.interface)) return;
  throw SystemError("CHECKSUM", "netlink(netdev)", EOPNOTSUPP,
                    "the driver of " + config.interface +
                        " does not say that it completes checksums of zero-copy frames (xsk-features: tx-checksum; choose the "
                        "policy zero or full)");
}

}  // namespace ivb
