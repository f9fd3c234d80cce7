#include "xdp_program.h"

#include <linux/if_link.h>
#include <net/if.h>

#include "pass.skel.h"

namespace ivb {

int interfaceIndexOf(const std::string& interface) {
  unsigned index = if_nametoindex(interface.c_str());
  if (!index) fail("NO_INTERFACE", "if_nametoindex", "no interface " + interface);
  return int(index);
}

Fd attachXdp(int programFd, const std::string& interface) {
  int index = interfaceIndexOf(interface);
  LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
  int fd = bpf_link_create(programFd, index, BPF_XDP, &options);
  if (fd >= 0) return Fd(fd);

  int error = -fd;
  std::string detail = "cannot attach an XDP program to " + interface + " in native mode";
  LIBBPF_OPTS(bpf_xdp_query_opts, query);
  if (error == EBUSY && bpf_xdp_query(index, 0, &query) == 0 && query.prog_id)
    detail += ", XDP program " + std::to_string(query.prog_id) + " is attached already (detach it first)";
  if (error == ENOSPC) detail += ", it has fewer RX queues than its peer has TX queues";
  throw SystemError("XDP_ATTACH", "bpf_link_create", error, detail);
}

std::vector<uint64_t> sumPerCpu(int mapFd, uint32_t count) {
  int cpus = libbpf_num_possible_cpus();
  std::vector<uint64_t> perCpu(cpus > 0 ? size_t(cpus) : 0), sums(count);
  for (uint32_t key = 0; key < count; key++) {
    if (bpf_map_lookup_elem(mapFd, &key, perCpu.data()) != 0)
      fail("BPF_MAP", "bpf_map_lookup_elem", "cannot read a counter map");
    for (uint64_t value : perCpu) sums[key] += value;
  }
  return sums;
}

PassProgram::PassProgram(const std::string& interface) {
  auto skeleton = loadSkeleton(pass__open, pass__load, pass__destroy, "pass", [](struct pass&) {});
  link_ = attachXdp(bpf_program__fd(skeleton->progs.pass), interface);
}

}  // namespace ivb
