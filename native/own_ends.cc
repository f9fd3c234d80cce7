#include "own_ends.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "error.h"
#include "interface_counters.h"
#include "interface_facts.h"

namespace ivb {
namespace {

std::string textOf(uint32_t address) {
  char text[INET_ADDRSTRLEN];
  in_addr in{address};
  return inet_ntop(AF_INET, &in, text, sizeof text);
}

}  // namespace

own_ends ownEndsOf(const InvokerConfig& config) {
  interfaceIndexOf(config.interface);
  own_ends out{};
  std::vector<uint32_t> addresses, others;  // the interface's own first: they are compared in this order
  eachAddress([&](const std::string& name, const sockaddr& address) {
    if (address.sa_family == AF_INET) {
      uint32_t one = reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr;
      if (ntohl(one) >> 24 != IN_LOOPBACKNET) (name == config.interface ? addresses : others).push_back(one);
    }
    if (address.sa_family == AF_PACKET && name == config.interface) {
      const uint8_t* mac = reinterpret_cast<const sockaddr_ll&>(address).sll_addr;
      std::memcpy(&out.mac_front, mac, sizeof out.mac_front);
      std::memcpy(&out.mac_back, mac + sizeof out.mac_front, sizeof out.mac_back);
    }
  });
  addresses.insert(addresses.end(), others.begin(), others.end());
  if (addresses.empty())
    throw SystemError("BIND", "getifaddrs", 0, "this host has no IPv4 address to answer for (ip address add ... dev " +
                                                   config.interface + ")");
  if (addresses.size() > OWN_MAX_ADDRESSES)
    throw SystemError("RESOURCES", "getifaddrs", 0,
                      std::to_string(addresses.size()) + " IPv4 addresses of this host are more than the " +
                          std::to_string(OWN_MAX_ADDRESSES) + " that an XDP program compares with");
  out.served = uint16_t(addresses.size());
  if (config.address) {
    auto found = std::find(addresses.begin(), addresses.end(), config.address);
    if (found == addresses.end())
      throw SystemError("BIND", "getifaddrs", 0, "cannot serve " + textOf(config.address) + ", no interface has that address");
    std::iter_swap(addresses.begin(), found);
    out.served = 1;
  }
  out.address_count = uint32_t(addresses.size());
  std::copy(addresses.begin(), addresses.end(), out.addresses);
  for (const Service& service : config.services) out.ports[out.port_count++] = htons(service.port);
  return out;
}

}  // namespace ivb
