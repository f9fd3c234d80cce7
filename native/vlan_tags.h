#pragma once
// VLAN tags that an XDP program cannot see.
#include <string>

namespace ivb {

/// Throws SystemError VLAN_TAGS where VLAN devices stand on the interface while it takes tags off (rx-vlan-offload): a
/// program would answer a tagged request, which looks like any other, without a tag, on another network.
void refuseHiddenTags(const std::string& interface);

}  // namespace ivb
