#include "tc_hook.h"

#include <bpf/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstring>
#include <set>
#include <utility>

#include "error.h"
#include "handle.h"
#include "interface_counters.h"
#include "xdp_program.h"

namespace ivb {
namespace {

constexpr uint32_t ingress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), egress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);
constexpr uint32_t priority = 1;  // nothing may come before
/// Of the filter: whether the qdisc was made for it.
constexpr uint32_t qdiscMade = 1, qdiscFound = 2;

/// The text of an attribute of that type among those from `first` on; empty if it is missing.
std::string textIn(const rtattr* first, int bytes, uint16_t type) {
  for (const rtattr* one = first; RTA_OK(one, bytes); one = RTA_NEXT(one, bytes)) {
    if ((one->rta_type & NLA_TYPE_MASK) != type) continue;
    auto* text = static_cast<const char*>(RTA_DATA(one));
    return std::string(text, strnlen(text, RTA_PAYLOAD(one)));
  }
  return "";
}

TcFilter filterOf(const nlmsghdr& message) {
  auto* about = static_cast<const tcmsg*>(NLMSG_DATA(&message));
  auto* first = TCA_RTA(about);
  int bytes = int(TCA_PAYLOAD(&message));
  TcFilter filter{TC_H_MAJ(about->tcm_info) >> 16, textIn(first, bytes, TCA_KIND)};
  for (const rtattr* one = first; RTA_OK(one, bytes); one = RTA_NEXT(one, bytes)) {
    if ((one->rta_type & NLA_TYPE_MASK) != TCA_OPTIONS || filter.name != "bpf") continue;
    std::string name = textIn(static_cast<const rtattr*>(RTA_DATA(one)), int(RTA_PAYLOAD(one)), TCA_BPF_NAME);
    if (!name.empty()) filter.name = name;
  }
  return filter;
}

/// Those of one direction of an interface; the last one of a priority is named best. Throws SystemError TC_ATTACH.
std::vector<TcFilter> filtersAt(int index, uint32_t parent) {
  Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  struct {
    nlmsghdr header;
    tcmsg about;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETTFILTER;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.about.tcm_ifindex = index;
  request.about.tcm_parent = parent;
  if (!fd || send(fd.get(), &request, sizeof request, 0) < 0)
    fail("TC_ATTACH", "netlink(RTM_GETTFILTER)", "cannot read the filters of an interface");
  std::vector<TcFilter> filters;
  alignas(nlmsghdr) char room[32768];
  for (;;) {
    ssize_t got = recv(fd.get(), room, sizeof room, 0);
    if (got < 0) fail("TC_ATTACH", "netlink(RTM_GETTFILTER)", "cannot read the filters of an interface");
    auto bytes = unsigned(got);
    for (auto* message = reinterpret_cast<nlmsghdr*>(room); NLMSG_OK(message, bytes); message = NLMSG_NEXT(message, bytes)) {
      // No filters, or no such interface any more.
      if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) return filters;
      if (message->nlmsg_type == RTM_NEWTFILTER) filters.push_back(filterOf(*message));
    }
  }
}

/// Those that are attached by a link, before all filters (TCX, Linux 6.6); none on an older kernel.
std::vector<uint32_t> linkedPrograms(int index) {
  constexpr auto tcxIngress = bpf_attach_type(46);  // BPF_TCX_INGRESS
  std::vector<uint32_t> ids(64);
  uint32_t count = uint32_t(ids.size());
  if (bpf_prog_query(index, tcxIngress, 0, nullptr, ids.data(), &count) != 0) count = 0;
  ids.resize(count);
  return ids;
}

void refuseOthers(const std::string& interface, int index) {
  std::string detail = "cannot attach a program to the ingress of " + interface + ", ";
  auto filters = filtersAt(index, ingress);
  if (!filters.empty())
    throw SystemError("TC_ATTACH", "netlink(RTM_GETTFILTER)", EEXIST,
                      detail + "filter " + filters.back().name + " is there already (tc filter delete dev " + interface +
                          " ingress pref " + std::to_string(filters.back().priority) + ")");
  auto programs = linkedPrograms(index);
  if (!programs.empty())
    throw SystemError("TC_ATTACH", "bpf_prog_query", EEXIST,
                      detail + "tc program " + programName(programs.front()) + " is there already (detach it first)");
}

void detachQuietly(TcHook& hook) noexcept {
  try {
    hook.detach();
  } catch (...) {
  }
}

/// What is attached. Nobody calls destructors of what lives when a process exits, but for those of static objects.
class Attached {
 public:
  ~Attached() {
    for (TcHook* hook : std::exchange(hooks_, {})) detachQuietly(*hook);
  }
  void add(TcHook* hook) { hooks_.insert(hook); }
  void remove(TcHook* hook) { hooks_.erase(hook); }

 private:
  std::set<TcHook*> hooks_;
};

Attached attached;

[[noreturn]] void failAttach(const char* call, int error, const std::string& interface) {
  std::string detail = "cannot attach a program to the ingress of " + interface;
  if (error == EPERM) detail += " (needs CAP_NET_ADMIN)";
  throw SystemError("TC_ATTACH", call, error, detail);
}

}  // namespace

bpf_tc_hook TcHook::hook() const {
  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = index_, .attach_point = BPF_TC_INGRESS);
  return hook;
}

TcHook::TcHook(const std::string& interface, int programFd) : interface_(interface), index_(interfaceIndexOf(interface)) {
  refuseOthers(interface, index_);
  bpf_tc_hook at = hook();
  int error = bpf_tc_hook_create(&at);
  if (error && error != -EEXIST) failAttach("bpf_tc_hook_create", -error, interface);
  LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = programFd, .handle = error ? qdiscFound : qdiscMade, .priority = priority);
  int refused = bpf_tc_attach(&at, &options);
  if (refused) {
    at.attach_point = bpf_tc_attach_point(BPF_TC_INGRESS | BPF_TC_EGRESS);
    if (!error) bpf_tc_hook_destroy(&at);
    failAttach("bpf_tc_attach", -refused, interface);
  }
  handle_ = options.handle;
  attached.add(this);
}

TcHook::~TcHook() { detachQuietly(*this); }

void TcHook::refuseMissing() const {
  char name[IF_NAMESIZE];
  if (!if_indextoname(unsigned(index_), name))
    throw SystemError("INTERFACE_GONE", "if_indextoname", 0, interface_ + " is gone");
  bpf_tc_hook at = hook();
  LIBBPF_OPTS(bpf_tc_opts, options, .handle = handle_, .priority = priority);
  int error = bpf_tc_query(&at, &options);
  if (error) throw SystemError("TC_ATTACH", "bpf_tc_query", -error, "the filter was taken from the ingress of " + interface_);
}

void TcHook::detach() {
  attached.remove(this);
  uint32_t handle = std::exchange(handle_, 0);
  char name[IF_NAMESIZE];
  // With the interface its filters go.
  if (!handle || !if_indextoname(unsigned(index_), name)) return;
  bpf_tc_hook at = hook();
  LIBBPF_OPTS(bpf_tc_opts, options, .handle = handle, .priority = priority);
  int error = bpf_tc_detach(&at, &options);
  if (error && error != -ENOENT)
    throw SystemError("TC_ATTACH", "bpf_tc_detach", -error, "cannot take the filter from the ingress of " + interface_);
  if (handle != qdiscMade || !filtersAt(index_, ingress).empty() || !filtersAt(index_, egress).empty()) return;
  at.attach_point = bpf_tc_attach_point(BPF_TC_INGRESS | BPF_TC_EGRESS);
  bpf_tc_hook_destroy(&at);
}

}  // namespace ivb
