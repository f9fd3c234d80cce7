#include "xdp_program.h"

#include <linux/if_link.h>

#include <algorithm>
#include <optional>

#include "interface_counters.h"
#include "pass.skel.h"

namespace ivb {
namespace {

/// Empty for a program that is gone, or that may not be asked for.
std::optional<bpf_prog_info> programInfo(uint32_t id) {
  Fd fd(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info{};
  uint32_t bytes = sizeof info;
  if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &bytes) != 0) return std::nullopt;
  return info;
}

}  // namespace

std::string programName(uint32_t id) {
  std::string number = "id " + std::to_string(id);
  auto info = programInfo(id);
  return info ? std::string(info->name) + " (" + number + ")" : number;
}

void refuseToLoad(const char* name, int error, const LoadLog& log) {
  std::string detail = std::string("cannot load the ") + name + " program";
  // The verifier refuses by EACCES and EINVAL what root asks, too: only EPERM means that a right is missing.
  if (error == EPERM) detail += " (needs CAP_BPF and CAP_NET_ADMIN)";
  else if (std::string cause = log.cause(); !cause.empty()) detail += ", " + cause;
  throw SystemError("BPF_LOAD", "bpf_object__load", error, detail);
}

Fd attachXdp(int programFd, const std::string& interface, Attach attach) {
  int index = interfaceIndexOf(interface);
  LIBBPF_OPTS(bpf_link_create_opts, options,
              .flags = attach == Attach::native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
  int fd = bpf_link_create(programFd, index, BPF_XDP, &options);
  if (fd >= 0) return Fd(fd);

  int error = -fd;
  std::string detail = "cannot attach an XDP program to " + interface + " in " + wordOf(attach) + " mode";
  LIBBPF_OPTS(bpf_xdp_query_opts, query);
  if ((error == EBUSY || error == EEXIST) && bpf_xdp_query(index, 0, &query) == 0 && query.prog_id)
    detail += ", XDP program " + programName(query.prog_id) + " is attached already (detach it first)";
  if (error == EOPNOTSUPP && attach == Attach::native) detail += ", its driver has none (choose skb)";
  if (error == ENOSPC) detail += ", it has fewer RX queues than its peer has TX queues";
  throw SystemError("XDP_ATTACH", "bpf_link_create", error, detail);
}

bool isAttached(const Fd& link) {
  bpf_link_info info{};
  uint32_t bytes = sizeof info;
  return bpf_obj_get_info_by_fd(link.get(), &info, &bytes) == 0 && info.xdp.ifindex != 0;
}

const char* attachedMode(const std::string& interface) {
  LIBBPF_OPTS(bpf_xdp_query_opts, query);
  int error = bpf_xdp_query(interfaceIndexOf(interface), 0, &query);
  if (error) throw SystemError("XDP_ATTACH", "bpf_xdp_query", -error, "cannot read the XDP mode of " + interface);
  switch (query.attach_mode) {
    case XDP_ATTACHED_DRV:
      return "native";
    case XDP_ATTACHED_SKB:
      return "skb";
    case XDP_ATTACHED_HW:
      return "offload";
    default:
      return "none";
  }
}

std::vector<XdpProgram> xdpPrograms() {
  std::vector<XdpProgram> programs;
  for (uint32_t id = 0; bpf_prog_get_next_id(id, &id) == 0;)
    if (auto info = programInfo(id); info && info->type == BPF_PROG_TYPE_XDP) programs.push_back({id, info->name});
  return programs;
}

std::vector<uint64_t> sumPerCpu(int mapFd, uint32_t count) {
  int cpus = libbpf_num_possible_cpus();
  std::vector<uint64_t> sums(count);
  std::vector<uint32_t> keys(count);
  std::vector<uint64_t> perCpu(size_t(count) * size_t(std::max(cpus, 0)));
  uint32_t next = 0, read = count;
  // One call for all keys: a histogram has many.
  if (bpf_map_lookup_batch(mapFd, nullptr, &next, keys.data(), perCpu.data(), &read, nullptr) != 0 && errno != ENOENT)
    fail("BPF_MAP", "bpf_map_lookup_batch", "cannot read a counter map");
  for (size_t i = 0; i < perCpu.size(); i++) sums[keys[i / size_t(cpus)]] += perCpu[i];
  return sums;
}

namespace {

auto loadPass() {
  return loadSkeleton(pass__open, pass__load, pass__destroy, "pass", [](struct pass&) {});
}

}  // namespace

void tryXdpProgram() { loadPass(); }

PassProgram::PassProgram(const std::string& interface) {
  auto skeleton = loadPass();
  link_ = attachXdp(bpf_program__fd(skeleton->progs.pass), interface, Attach::native);
}

}  // namespace ivb
