#pragma once
// What DPDK's EAL is started with: lcores on CPUs, memory, and the one device.
#include <rte_eal.h>
#include <rte_errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../native/error.h"
#include "deliver.skel.h"

namespace ivb {

struct EalOptions {
  /// `net_af_xdp` or `net_af_packet` on the interface, a device with its own arguments as EAL's --vdev takes it, or a PCI
  /// address.
  std::string device = "net_af_xdp";
  std::string interface;
  std::string mainCpu;                ///< of the lcore that sleeps; may be a list in brackets
  std::vector<std::string> pollCpus;  ///< of the others, each with a queue
};

/// The file that net_af_xdp loads its XDP program from. It is open as long as the process lives.
inline std::string deliverProgram() {
  size_t bytes = 0;
  const void* object = deliver__elf_bytes(&bytes);
  int fd = memfd_create("deliver", 0);
  if (fd < 0 || write(fd, object, bytes) != ssize_t(bytes)) fail("BPF_LOAD", "memfd_create", "cannot store the XDP program");
  return "/proc/self/fd/" + std::to_string(fd);
}

inline bool isPciAddress(const std::string& device) {
  return device.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
}

/// The device as --vdev takes it.
inline std::string virtualDevice(const EalOptions& options) {
  const std::string queues = std::to_string(options.pollCpus.size()), on = "0,iface=" + options.interface;
  std::string device = options.device;
  // Without its busy polling, which is a system call each time that nothing came.
  if (device == "net_af_xdp") device += on + ",force_copy=1,busy_budget=0,queue_count=" + queues;
  // As many slots as requests may wait with the others; a page holds two.
  if (device == "net_af_packet")
    device += on + ",qdisc_bypass=1,framesz=2048,blocksz=4096,framecnt=1024,qpairs=" + queues;
  const bool isAfXdp = device.starts_with("net_af_xdp");
  return isAfXdp && device.find("xdp_prog=") == std::string::npos ? device + ",xdp_prog=" + deliverProgram() : device;
}

/// DPDK itself, once in a process.
class Eal {
 public:
  /// Throws SystemError DPDK.
  explicit Eal(const EalOptions& options) {
    std::string lcores = "0@" + options.mainCpu;
    for (size_t i = 0; i < options.pollCpus.size(); i++) lcores += "," + std::to_string(i + 1) + "@" + options.pollCpus[i];
    std::vector<std::string> words = {"dpdk",         "--lcores",       lcores,
                                      "--main-lcore", "0",              "--no-shconf",
                                      "--no-telemetry", "--log-level=warning"};
    if (isPciAddress(options.device)) {
      words.insert(words.end(), {"-a", options.device});
    } else {
      // Virtual devices need no huge pages, which few hosts have. A buffer takes a page of its own then.
      const std::string megabytes = std::to_string(64 + 64 * options.pollCpus.size());
      words.insert(words.end(), {"--no-huge", "-m", megabytes, "--no-pci", "--vdev", virtualDevice(options)});
    }
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    if (rte_eal_init(int(pointers.size()), pointers.data()) < 0)
      throw SystemError("DPDK", "rte_eal_init", rte_errno, "cannot start DPDK on " + options.device);
  }
  Eal(const Eal&) = delete;
  ~Eal() { rte_eal_cleanup(); }
};

}  // namespace ivb
