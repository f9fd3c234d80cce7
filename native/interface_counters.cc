#include "interface_counters.h"

#include <linux/ethtool.h>
#include <net/if.h>

#include <algorithm>

#include "error.h"
#include "interface_facts.h"

namespace ivb {
namespace {

/// An ethtool command whose fixed part is followed by `bytes` of answer.
template <typename Command>
std::vector<uint64_t> withRoom(size_t bytes) {
  return std::vector<uint64_t>((sizeof(Command) + bytes + 7) / 8);
}

}  // namespace

int interfaceIndexOf(const std::string& interface) {
  unsigned index = if_nametoindex(interface.c_str());
  if (!index) fail("NO_INTERFACE", "if_nametoindex", "no interface " + interface);
  return int(index);
}

std::string primaryName(const std::string& interface) {
  char name[IFNAMSIZ];
  return if_indextoname(if_nametoindex(interface.c_str()), name) ? name : interface;
}

CounterList interfaceCounters(const std::string& interface) {
  interfaceIndexOf(interface);

  auto sizes = withRoom<ethtool_sset_info>(sizeof(uint32_t));
  auto* size = reinterpret_cast<ethtool_sset_info*>(sizes.data());
  size->cmd = ETHTOOL_GSSET_INFO;
  size->sset_mask = 1ULL << ETH_SS_STATS;
  if (!askEthtool(interface, size) || !size->sset_mask) return {};
  uint32_t count = size->data[0];
  // Kernels before 2026 write as many as there are by then: there may be more queues, each with its statistics. Later ones
  // write none if the number has changed.
  constexpr size_t slack = 4096;

  auto nameRoom = withRoom<ethtool_gstrings>((count + slack) * ETH_GSTRING_LEN);
  auto* names = reinterpret_cast<ethtool_gstrings*>(nameRoom.data());
  names->cmd = ETHTOOL_GSTRINGS;
  names->string_set = ETH_SS_STATS;
  names->len = count;
  auto valueRoom = withRoom<ethtool_stats>((count + slack) * sizeof(uint64_t));
  auto* values = reinterpret_cast<ethtool_stats*>(valueRoom.data());
  values->cmd = ETHTOOL_GSTATS;
  values->n_stats = count;
  if (!askEthtool(interface, names) || !askEthtool(interface, values))
    fail("ETHTOOL", "ioctl(SIOCETHTOOL)", "cannot read the statistics of " + interface);

  CounterList out;
  for (uint32_t i = 0; i < std::min(names->len, values->n_stats); i++) {
    const char* name = reinterpret_cast<const char*>(names->data) + size_t(i) * ETH_GSTRING_LEN;
    out.emplace_back(std::string(name, strnlen(name, ETH_GSTRING_LEN)), values->data[i]);
  }
  return out;
}

}  // namespace ivb
