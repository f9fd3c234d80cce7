// The tc invoker: bpf/respond_tc.bpf.c at the ingress of the interface, behind any driver.
#include "responder.h"
#include "rx_queue.h"
#include "tc_hook.h"
// After what it has its types from.
#include "respond_tc.skel.h"

namespace ivb {
namespace {

auto loadProgram(const InvokerConfig& config) {
  return loadSkeleton(respond_tc__open, respond_tc__load, respond_tc__destroy, "responding", [&](struct respond_tc& skeleton) {
    prepareResponder(skeleton, config);
    rodataOf(skeleton).records_queue = recordsQueue(config.interface);
  });
}

class TcInvoker : public Responder<struct respond_tc> {
 public:
  explicit TcInvoker(const InvokerConfig& config) : Responder(config, "tc", loadProgram(config)) {
    // It answers at once: the port is to be ours by then.
    holders_.hold(config);
    hook_ = std::make_unique<TcHook>(config.interface, bpf_program__fd(skeleton_->progs.respond_tc));
  }

  std::vector<std::pair<std::string, std::string>> granted() override { return {{"attach", "clsact"}}; }

 protected:
  bool isAttached() const override { return hook_->isAttached(); }
  void detach() override { hook_->detach(); }
  void refuseMissing() const override { hook_->refuseMissing(); }

 private:
  std::unique_ptr<TcHook> hook_;  // goes before the ports do
};

}  // namespace

std::unique_ptr<Invoker> startTc(const InvokerConfig& config) {
  checkServices(config, "tc");
  return std::make_unique<TcInvoker>(config);
}

}  // namespace ivb
