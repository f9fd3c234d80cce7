#include "interface_facts.h"

#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>

#include "error.h"
#include "handle.h"

namespace ivb {
namespace {

/// What the netdev family of generic netlink is asked: of <linux/netdev.h>, which Debian 12 does not have.
constexpr uint8_t deviceGet = 1;                // NETDEV_CMD_DEV_GET
constexpr uint16_t deviceIndex = 1;             // NETDEV_A_DEV_IFINDEX
constexpr uint16_t deviceXdpFeatures = 3;       // NETDEV_A_DEV_XDP_FEATURES
constexpr uint16_t deviceZeroCopySegments = 4;  // NETDEV_A_DEV_XDP_ZC_MAX_SEGS
constexpr uint16_t deviceXskFeatures = 6;       // NETDEV_A_DEV_XSK_FEATURES
constexpr uint64_t completesSums = 2;           // NETDEV_XSK_FLAGS_TX_CHECKSUM
/// Bit i of the XDP features is called as the kernel's specification of the family calls it.
constexpr const char* xdpFeatureNames[] = {"basic",      "redirect", "ndo-xmit",   "xsk-zerocopy",
                                           "hw-offload", "rx-sg",    "ndo-xmit-sg"};

/// The sysfs of this process' network namespace. What is mounted at /sys is of the one that it was mounted in; a mount of our
/// own needs CAP_SYS_ADMIN.
Fd openSysfs() {
  Fd context(fsopen("sysfs", FSOPEN_CLOEXEC));
  if (context && fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0) {
    Fd mount(fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY));
    if (mount) return mount;
  }
  return Fd(open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string readText(int folder, const char* name) {
  Fd file(openat(folder, name, O_RDONLY | O_CLOEXEC));
  char text[64] = {};
  return file && read(file.get(), text, sizeof text - 1) > 0 ? text : "";
}

/// Whether a folder of /sys/class/net is of the interface that has this name here.
bool isOf(const std::string& interface, int folder) {
  ifreq about{};
  if (!askInterface(interface, SIOCGIFHWADDR, about)) return false;
  auto* mac = reinterpret_cast<const unsigned char*>(about.ifr_hwaddr.sa_data);
  char address[18];
  std::snprintf(address, sizeof address, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
  return readText(folder, "ifindex") == std::to_string(if_nametoindex(interface.c_str())) + "\n" &&
         readText(folder, "address").starts_with(address);
}

/// A message of generic netlink: the two headers, then attributes.
class Message {
 public:
  Message(uint16_t family, uint8_t command) {
    header().nlmsg_type = family;
    header().nlmsg_flags = NLM_F_REQUEST;
    header().nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
    auto* generic = static_cast<genlmsghdr*>(NLMSG_DATA(&header()));
    generic->cmd = command;
    generic->version = 1;
  }

  void put(uint16_t type, const void* value, size_t bytes) {
    auto* attribute = reinterpret_cast<nlattr*>(bytes_ + NLMSG_ALIGN(header().nlmsg_len));
    attribute->nla_type = type;
    attribute->nla_len = uint16_t(NLA_HDRLEN + bytes);
    std::memcpy(reinterpret_cast<char*>(attribute) + NLA_HDRLEN, value, bytes);
    header().nlmsg_len = NLMSG_ALIGN(header().nlmsg_len) + NLA_ALIGN(attribute->nla_len);
  }

  /// Sends it and becomes the answer; false for an error.
  bool exchange(int fd) {
    if (send(fd, bytes_, header().nlmsg_len, 0) < 0) return false;
    ssize_t got = recv(fd, bytes_, sizeof bytes_, 0);
    return got > 0 && NLMSG_OK(&header(), size_t(got)) && header().nlmsg_type != NLMSG_ERROR;
  }

  /// The value of an attribute as a number of `Number`'s size; empty if it is missing.
  template <typename Number>
  std::optional<Number> find(uint16_t type) {
    for (size_t at = NLMSG_LENGTH(GENL_HDRLEN); at + NLA_HDRLEN <= header().nlmsg_len;) {
      auto* attribute = reinterpret_cast<const nlattr*>(bytes_ + at);
      if (attribute->nla_len < NLA_HDRLEN) break;
      Number value;
      if ((attribute->nla_type & NLA_TYPE_MASK) == type && attribute->nla_len >= NLA_HDRLEN + sizeof value &&
          at + attribute->nla_len <= header().nlmsg_len) {
        std::memcpy(&value, bytes_ + at + NLA_HDRLEN, sizeof value);
        return value;
      }
      at += NLA_ALIGN(attribute->nla_len);
    }
    return std::nullopt;
  }

 private:
  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_); }

  alignas(nlmsghdr) char bytes_[4096] = {};
};

/// What the netdev family of generic netlink tells of an interface; empty where there is no such interface or family.
std::optional<Message> askNetdev(const std::string& interface) {
  Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
  if (!fd) return std::nullopt;
  constexpr char name[] = "netdev";
  Message family(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
  family.put(CTRL_ATTR_FAMILY_NAME, name, sizeof name);
  if (!family.exchange(fd.get())) return std::nullopt;
  auto id = family.find<uint16_t>(CTRL_ATTR_FAMILY_ID);
  if (!id) return std::nullopt;
  Message device(*id, deviceGet);
  uint32_t index = if_nametoindex(interface.c_str());
  device.put(deviceIndex, &index, sizeof index);
  if (!device.exchange(fd.get())) return std::nullopt;
  return device;
}

}  // namespace

bool askInterface(const std::string& interface, unsigned long request, ifreq& about) {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) fail("SOCKET", "socket", "cannot open a control socket");
  std::strncpy(about.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  return ioctl(fd.get(), request, &about) == 0;
}

bool askEthtool(const std::string& interface, void* command) {
  ifreq about{};
  about.ifr_data = static_cast<char*>(command);
  return askInterface(interface, SIOCETHTOOL, about);
}

void eachAddress(const std::function<void(const std::string&, const sockaddr&)>& take) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) fail("SOCKET", "getifaddrs", "cannot read the addresses of this host");
  std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(all, freeifaddrs);
  for (const ifaddrs* one = all; one; one = one->ifa_next) {
    if (!one->ifa_addr) continue;
    std::string name = one->ifa_name;
    take(name.substr(0, name.find(':')), *one->ifa_addr);  // an address may have a label of its own: eth0:1
  }
}

QueueCounts queueCounts(const std::string& interface) {
  Fd sysfs = openSysfs();
  std::string path = "class/net/" + interface;
  Fd folder(openat(sysfs.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || !isOf(interface, folder.get())) return {};
  Fd queues(openat(folder.get(), "queues", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::unique_ptr<DIR, int (*)(DIR*)> listing(queues ? fdopendir(queues.get()) : nullptr, closedir);
  if (!listing) return {};
  queues.release();  // closedir() closes it
  QueueCounts counts{};
  while (const dirent* entry = readdir(listing.get())) {
    std::string_view name = entry->d_name;
    if (name.starts_with("rx-")) counts.rx++;
    if (name.starts_with("tx-")) counts.tx++;
  }
  return counts;
}

uint32_t mtuOf(const std::string& interface) {
  ifreq about{};
  return askInterface(interface, SIOCGIFMTU, about) ? uint32_t(about.ifr_mtu) : 0;
}

std::string driverOf(const std::string& interface) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  return askEthtool(interface, &info) ? std::string(info.driver, strnlen(info.driver, sizeof info.driver)) : "";
}

bool completesChecksums(const std::string& interface) {
  auto device = askNetdev(interface);
  return device && device->find<uint64_t>(deviceXskFeatures).value_or(0) & completesSums;
}

std::optional<XdpAbilities> xdpAbilities(const std::string& interface) {
  auto device = askNetdev(interface);
  auto bits = device ? device->find<uint64_t>(deviceXdpFeatures) : std::nullopt;
  if (!bits) return std::nullopt;
  XdpAbilities abilities{.features = {}, .zeroCopySegments = device->find<uint32_t>(deviceZeroCopySegments).value_or(0)};
  for (size_t bit = 0; bit < std::size(xdpFeatureNames); bit++)
    if (*bits >> bit & 1) abilities.features.push_back(xdpFeatureNames[bit]);
  return abilities;
}

}  // namespace ivb
