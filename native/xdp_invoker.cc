// The XDP invoker: bpf/respond.bpf.c answers in the receive context of each queue; here it is only loaded and counted.
#include <arpa/inet.h>

#include "../bpf/respond.h"
#include "grace_period.h"
#include "interface_facts.h"
#include "invoker.h"
#include "own_ends.h"
#include "port_holders.h"
#include "respond.skel.h"
#include "vlan_tags.h"
#include "xdp_program.h"

namespace ivb {
namespace {

using Skeleton = std::unique_ptr<struct respond, void (*)(struct respond*)>;

/// What the eBPF program knows a function by.
respond_function inEbpf(const Function& function) {
  if (!std::strcmp(function.id, "echo")) return RESPOND_ECHO;
  if (!std::strcmp(function.id, "reverse")) return RESPOND_REVERSE;
  throw SystemError("NOT_IN_EBPF", "startXdp", 0,
                    std::string(function.id) + " is not available inside eBPF (echo and reverse are)");
}

void check(const InvokerConfig& config) {
  if (config.services.size() > RESPOND_MAX_SERVICES)
    throw SystemError("RESOURCES", "startXdp", 0,
                      std::to_string(config.services.size()) + " functions are more than the " +
                          std::to_string(RESPOND_MAX_SERVICES) + " that XDP serves at once");
  for (const Service& service : config.services) {
    if (service.threadsPerQueue != 1)
      throw SystemError("SCALE", "startXdp", 0,
                        "xdp runs in the receive context of each queue: threads and queues are the same");
  }
}

Skeleton loadProgram(const InvokerConfig& config) {
  return loadSkeleton(respond__open, respond__load, respond__destroy, "responding", [&](struct respond& skeleton) {
    auto& fixed = rodataOf(skeleton);
    fixed.queue_count = config.queues;
    own_ends own = ownEndsOf(config);
    setRodata(fixed.own, &own);
    fixed.served_queues = config.servedRxQueues ? config.servedRxQueues : UINT32_MAX;
    for (size_t s = 0; s < config.services.size(); s++) {
      uint16_t function = inEbpf(*config.services[s].function);
      setRodata(fixed.functions[s], &function);
    }
    bpf_map__set_max_entries(skeleton.maps.rows, uint32_t(config.services.size()) * config.queues);
  });
}

class XdpInvoker : public Invoker {
 public:
  explicit XdpInvoker(const InvokerConfig& config) : config_(config), skeleton_(loadProgram(config)) {
    // The program answers at once: the port is to be ours by then. But who has a program there is named before who has the port.
    if (std::strcmp(attachedMode(config.interface), "none") == 0) holders_.hold(config);
    link_ = attachXdp(bpf_program__fd(skeleton_->progs.respond), config.interface, config.attach);
    holders_.hold(config);
  }

  void scale(uint16_t, uint32_t) override {
    throw SystemError("SCALE", "scale", 0, "xdp runs in the receive context of each queue: it has no threads");
  }

  void stop() override {
    if (!link_) return;
    link_ = Fd();
    awaitGracePeriod();  // the program may still run on a packet: only then are the counters final
    holders_.release();
  }

  /// A row for each service and queue stands for a thread.
  std::vector<ThreadReading> readThreads() override {
    if (link_ && !isAttached(link_))
      throw SystemError("INTERFACE_GONE", "bpf_obj_get_info_by_fd", 0, config_.interface + " is gone");
    std::vector<ThreadReading> out;
    for (const Service& service : config_.services) {
      for (uint32_t queue = 0; queue < config_.queues; queue++)
        out.push_back({service.port, queue, true, readRow(uint32_t(out.size()))});
    }
    return out;
  }

  CounterList sharedCounters() override {
    auto sums = sumPerCpu(bpf_map__fd(skeleton_->maps.passed), RESPOND_PASSED);
    CounterList out = {{"steerNotUdp", sums[RESPOND_NOT_UDP]},
                       {"steerNoTarget", sums[RESPOND_NO_FUNCTION]},
                       {"steerUnservedQueue", sums[RESPOND_UNSERVED_QUEUE]},
                       {"steerForOthers", sums[RESPOND_FOR_OTHERS]}};
    holders_.append(out);
    return out;
  }

  std::vector<std::pair<std::string, std::string>> granted() override {
    uint32_t present = queueCounts(config_.interface).rx, asked = config_.servedRxQueues;
    uint32_t served = asked ? std::min(asked, present) : present;
    return {{"attach", attachedMode(config_.interface)},
            {"rxQueues", std::to_string(served) + " of " + (present ? std::to_string(present) : "unknown")}};
  }

 private:
  /// By the names that all invokers count by. Whether a reply left the interface, the interface counts.
  CounterList readRow(uint32_t row) {
    std::vector<respond_row> perCpu(size_t(std::max(0, libbpf_num_possible_cpus())));
    if (bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.rows), &row, perCpu.data()) != 0)
      fail("BPF_MAP", "bpf_map_lookup_elem", "cannot read a counter map");
    respond_row sum{};
    for (const respond_row& one : perCpu) {
      sum.replied += one.replied;
      sum.malformed += one.malformed;
      sum.too_long += one.too_long;
      sum.refused += one.refused;
    }
    return {{"received", sum.replied + sum.malformed + sum.too_long + sum.refused},
            {"handled", sum.replied},
            {"replied", sum.replied},
            {"functionFailed", sum.too_long},
            {"malformed", sum.malformed},
            {"refusedSource", sum.refused}};
  }

  InvokerConfig config_;
  Skeleton skeleton_;
  PortHolders holders_;
  Fd link_;  // goes before the ports do
};

}  // namespace

std::unique_ptr<Invoker> startXdp(const InvokerConfig& config) {
  check(config);
  refuseHiddenTags(config.interface);
  return std::make_unique<XdpInvoker>(config);
}

}  // namespace ivb
