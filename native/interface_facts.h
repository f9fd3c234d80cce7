#pragma once
// What an interface of this network namespace has and can.
#include <net/if.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ivb {

/// Asks the kernel by an ioctl of a socket, `about` having all but the name; false where the interface or its driver cannot
/// tell. Throws SystemError SOCKET.
bool askInterface(const std::string& interface, unsigned long request, ifreq& about);
/// The same by a command of ethtool, which is answered in place.
bool askEthtool(const std::string& interface, void* command);

/// Calls `take(name of the interface, address)` for each address of this network namespace. Throws SystemError SOCKET.
void eachAddress(const std::function<void(const std::string&, const sockaddr&)>& take);

/// Queues that the device uses now. With XDP attached a driver may receive on more than `ethtool -l` tells (virtio_net does),
/// and may have fewer to send by.
struct QueueCounts {
  uint32_t rx, tx;
};

/// From sysfs: real_num_rx_queues and real_num_tx_queues, which rtnetlink does not tell (IFLA_NUM_RX_QUEUES is what the
/// device has room for). Zeros where there is no such interface or sysfs cannot be read.
QueueCounts queueCounts(const std::string& interface);

/// 0 if unknown.
uint32_t mtuOf(const std::string& interface);

/// By the name of its kernel module as a rule; empty if unknown.
std::string driverOf(const std::string& interface);

/// Whether the driver completes the checksums of zero-copy frames: `xsk-features` of the netdev family of generic netlink
/// (Linux 6.8). False where the kernel does not tell.
bool completesChecksums(const std::string& interface);

/// What the driver can do of XDP.
struct XdpAbilities {
  std::vector<std::string> features;  ///< of `basic`, `redirect`, `ndo-xmit`, `xsk-zerocopy`, `hw-offload`, `rx-sg`, `ndo-xmit-sg`
  uint32_t zeroCopySegments;          ///< buffers that a frame may have with zero-copy; 0 if the kernel does not tell
};

/// `xdp-features` and `xdp-zc-max-segs` of the netdev family of generic netlink (Linux 6.3). Empty where the kernel does not
/// tell.
std::optional<XdpAbilities> xdpAbilities(const std::string& interface);

}  // namespace ivb
