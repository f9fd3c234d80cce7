#include "vlan_tags.h"

#include <linux/ethtool.h>

#include <fstream>
#include <sstream>

#include "error.h"
#include "interface_facts.h"

namespace ivb {
namespace {

/// A VLAN device that stands on the interface; empty if there is none.
std::string vlanDeviceOn(const std::string& interface) {
  std::ifstream config("/proc/self/net/vlan/config");  // "eth0.10 | 10 | eth0"; without VLANs there is no such file
  for (std::string line; std::getline(config, line);) {
    std::string name, bar, id, below;
    if (std::istringstream(line) >> name >> bar >> id >> bar >> below && below == interface) return name;
  }
  return "";
}

bool takesTagsOff(const std::string& interface) {
  ethtool_value flags{ETHTOOL_GFLAGS, 0};
  return askEthtool(interface, &flags) && (flags.data & ETH_FLAG_RXVLAN);
}

}  // namespace

void refuseHiddenTags(const std::string& interface) {
  std::string device = vlanDeviceOn(interface);
  if (device.empty() || !takesTagsOff(interface)) return;
  throw SystemError("VLAN_TAGS", "ioctl(SIOCETHTOOL)", 0,
                    interface + " takes VLAN tags off before XDP, and " + device +
                        " stands on it: its requests would be answered without a tag (ethtool -K " + interface +
                        " rxvlan off)");
}

}  // namespace ivb
