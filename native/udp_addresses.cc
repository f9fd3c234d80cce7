#include "udp_addresses.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include <algorithm>

#include "interface_facts.h"

namespace ivb {

std::vector<uint32_t> severalAddresses(const std::string& interface) {
  std::vector<uint32_t> out;
  eachAddress([&](const std::string& name, const sockaddr& address) {
    if (address.sa_family == AF_INET && (interface.empty() || name == interface))
      out.push_back(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr);
  });
  // Who asks the loopback's address is answered from there: of all interfaces, it is none to choose from.
  auto count = std::count_if(out.begin(), out.end(), [&](uint32_t address) {
    return !interface.empty() || ntohl(address) >> 24 != IN_LOOPBACKNET;
  });
  return count > 1 ? out : std::vector<uint32_t>();
}

uint32_t longestPayload(const std::string& interface) {
  constexpr uint32_t headers = sizeof(iphdr) + sizeof(udphdr);
  return std::max(mtuOf(interface), headers) - headers;
}

}  // namespace ivb
