// The XDP invoker: bpf/respond.bpf.c in the driver.
#include "interface_facts.h"
#include "responder.h"
// After what it has its types from.
#include "respond.skel.h"
#include "vlan_tags.h"

namespace ivb {
namespace {

auto loadProgram(const InvokerConfig& config) {
  return loadSkeleton(respond__open, respond__load, respond__destroy, "responding", [&](struct respond& skeleton) {
    prepareResponder(skeleton, config);
    rodataOf(skeleton).served_queues = config.servedRxQueues ? config.servedRxQueues : UINT32_MAX;
  });
}

class XdpInvoker : public Responder<struct respond> {
 public:
  explicit XdpInvoker(const InvokerConfig& config) : Responder(config, "xdp", loadProgram(config)) {
    // The program answers at once: the port is to be ours by then. But who has a program there is named before who has the port.
    if (std::strcmp(attachedMode(config.interface), "none") == 0) holders_.hold(config);
    link_ = attachXdp(bpf_program__fd(skeleton_->progs.respond), config.interface, config.attach);
    holders_.hold(config);
  }

  std::vector<std::pair<std::string, std::string>> granted() override {
    uint32_t present = queueCounts(config_.interface).rx, asked = config_.servedRxQueues;
    uint32_t served = asked ? std::min(asked, present) : present;
    return {{"attach", attachedMode(config_.interface)},
            {"rxQueues", std::to_string(served) + " of " + (present ? std::to_string(present) : "unknown")}};
  }

 protected:
  bool isAttached() const override { return bool(link_); }
  void detach() override { link_ = Fd(); }
  void refuseMissing() const override {
    if (!ivb::isAttached(link_))
      throw SystemError("INTERFACE_GONE", "bpf_obj_get_info_by_fd", 0, config_.interface + " is gone");
  }

 private:
  Fd link_;  // goes before the ports do
};

}  // namespace

std::unique_ptr<Invoker> startXdp(const InvokerConfig& config) {
  checkServices(config, "xdp");
  refuseHiddenTags(config.interface);
  return std::make_unique<XdpInvoker>(config);
}

}  // namespace ivb
