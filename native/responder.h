#pragma once
// What the invokers share whose function runs inside an eBPF program: it answers in the receive context of each queue; here
// it is only loaded and counted.
#include <arpa/inet.h>

#include "../bpf/respond.h"
#include "grace_period.h"
#include "own_ends.h"
#include "port_holders.h"
#include "xdp_program.h"

namespace ivb {

/// Throws SystemError NOT_IN_EBPF, RESOURCES or SCALE for services that no such program has. `id`: of the implementation.
inline void checkServices(const InvokerConfig& config, const char* id) {
  if (config.services.size() > RESPOND_MAX_SERVICES)
    throw SystemError("RESOURCES", "startResponder", 0,
                      std::to_string(config.services.size()) + " functions are more than the " +
                          std::to_string(RESPOND_MAX_SERVICES) + " that " + id + " serves at once");
  for (const Service& service : config.services) {
    if (service.threadsPerQueue != 1)
      throw SystemError("SCALE", "startResponder", 0,
                        std::string(id) + " runs in the receive context of each queue: threads and queues are the same");
  }
}

/// What the programs know a function by. Throws SystemError NOT_IN_EBPF.
inline respond_function inEbpf(const Function& function) {
  if (!std::strcmp(function.id, "echo")) return RESPOND_ECHO;
  if (!std::strcmp(function.id, "reverse")) return RESPOND_REVERSE;
  throw SystemError("NOT_IN_EBPF", "startResponder", 0,
                    std::string(function.id) + " is not available inside eBPF (echo and reverse are)");
}

/// Sets what bpf/serve.h has set before a program is loaded.
template <typename Skeleton>
void prepareResponder(Skeleton& skeleton, const InvokerConfig& config) {
  auto& fixed = rodataOf(skeleton);
  fixed.queue_count = config.queues;
  fixed.work_steps = config.workSteps;
  own_ends own = ownEndsOf(config);
  setRodata(fixed.own, &own);
  for (size_t s = 0; s < config.services.size(); s++) {
    uint16_t function = inEbpf(*config.services[s].function);
    setRodata(fixed.functions[s], &function);
  }
  bpf_map__set_max_entries(skeleton.maps.rows, uint32_t(config.services.size()) * config.queues);
}

template <typename Skeleton>
class Responder : public Invoker {
 public:
  void scale(uint16_t, uint32_t) final {
    throw SystemError("SCALE", "scale", 0, std::string(id_) + " runs in the receive context of each queue: it has no threads");
  }

  void stop() final {
    if (!isAttached()) return;
    detach();
    awaitGracePeriod();  // the program may still run on a packet: only then are the counters final
    holders_.release();
  }

  /// A row for each service and queue stands for a thread.
  std::vector<ThreadReading> readThreads() final {
    if (isAttached()) refuseMissing();
    std::vector<ThreadReading> out;
    for (const Service& service : config_.services) {
      for (uint32_t queue = 0; queue < config_.queues; queue++)
        out.push_back({service.port, queue, true, readRow(uint32_t(out.size()))});
    }
    return out;
  }

  CounterList sharedCounters() final {
    auto sums = sumPerCpu(bpf_map__fd(skeleton_->maps.passed), RESPOND_PASSED);
    CounterList out = {{"steerNotUdp", sums[RESPOND_NOT_UDP]},
                       {"steerNoTarget", sums[RESPOND_NO_FUNCTION]},
                       {"steerUnservedQueue", sums[RESPOND_UNSERVED_QUEUE]},
                       {"steerForOthers", sums[RESPOND_FOR_OTHERS]}};
    holders_.append(out);
    return out;
  }

 protected:
  using Handle = std::unique_ptr<Skeleton, void (*)(Skeleton*)>;

  Responder(const InvokerConfig& config, const char* id, Handle skeleton)
      : config_(config), skeleton_(std::move(skeleton)), id_(id) {}

  virtual bool isAttached() const = 0;
  virtual void detach() = 0;
  /// Throws SystemError where the program is attached no more.
  virtual void refuseMissing() const = 0;

  const InvokerConfig config_;
  Handle skeleton_;
  PortHolders holders_;

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

  const char* id_;
};

}  // namespace ivb
