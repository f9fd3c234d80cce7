#include "udp_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "error.h"
#include "handle.h"

namespace ivb {

std::vector<uint32_t> severalAddresses(const std::string& interface) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) fail("SOCKET", "getifaddrs", "cannot read the addresses of this host");
  std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(all, freeifaddrs);
  std::vector<uint32_t> out;
  for (const ifaddrs* one = all; one; one = one->ifa_next) {
    if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET) continue;
    // An address may have a label of its own: eth0:1.
    std::string name = one->ifa_name;
    if (!interface.empty() && name.substr(0, name.find(':')) != interface) continue;
    out.push_back(reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr.s_addr);
  }
  // Who asks the loopback's address is answered from there: of all interfaces, it is none to choose from.
  auto count = std::count_if(out.begin(), out.end(), [&](uint32_t address) {
    return !interface.empty() || ntohl(address) >> 24 != IN_LOOPBACKNET;
  });
  return count > 1 ? out : std::vector<uint32_t>();
}

uint32_t longestPayload(const std::string& interface) {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) fail("SOCKET", "socket", "cannot open a control socket");
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  constexpr int headers = sizeof(iphdr) + sizeof(udphdr);
  if (ioctl(fd.get(), SIOCGIFMTU, &request) != 0 || request.ifr_mtu < headers) return 0;
  return uint32_t(request.ifr_mtu - headers);
}

}  // namespace ivb
