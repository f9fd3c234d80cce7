#include "steering.h"

#include <arpa/inet.h>
#include <linux/types.h>

#include "../bpf/own.h"
#include "../bpf/steer.h"
#include "own_ends.h"
#include "steer.skel.h"
#include "xdp_program.h"

namespace ivb {

Steering::Steering(const InvokerConfig& config)
    : skeleton_(loadSkeleton(steer__open, steer__load, steer__destroy, "steering", [&](struct steer& skeleton) {
        if (config.services.size() > STEER_MAX_SERVICES)
          throw SystemError("RESOURCES", "steering", 0,
                            std::to_string(config.services.size()) + " functions are more than the " +
                                std::to_string(STEER_MAX_SERVICES) + " that AF_XDP serves at once");
        own_ends own = ownEndsOf(config);
        setRodata(rodataOf(skeleton).own, &own);
      })) {}

Steering::~Steering() = default;

uint32_t Steering::maxSockets() { return STEER_MAX_SOCKETS; }

void Steering::setSocket(uint32_t index, int socketFd) {
  if (bpf_map_update_elem(bpf_map__fd(skeleton_->maps.sockets), &index, &socketFd, BPF_ANY) != 0)
    fail("BPF_MAP", "bpf_map_update_elem", "cannot enter a socket into the steering map");
}

void Steering::removeSocket(uint32_t index) noexcept {
  bpf_map_delete_elem(bpf_map__fd(skeleton_->maps.sockets), &index);
}

void Steering::setTarget(uint16_t port, uint32_t queue, uint32_t first, uint32_t count) {
  auto enter = [&](uint32_t keyQueue, steer_target target) {
    steer_key key{htons(port), uint16_t(keyQueue)};
    if (bpf_map_update_elem(bpf_map__fd(skeleton_->maps.targets), &key, &target, BPF_ANY) != 0)
      fail("BPF_MAP", "bpf_map_update_elem", "cannot enter a port into the steering map");
  };
  enter(queue, {first, count});
  enter(STEER_ANY_QUEUE, {0, 0});
}

void Steering::removeTargets(uint16_t port, uint32_t queues) {
  auto remove = [&](uint32_t queue) {
    steer_key key{htons(port), uint16_t(queue)};
    if (bpf_map_delete_elem(bpf_map__fd(skeleton_->maps.targets), &key) != 0 && errno != ENOENT)
      fail("BPF_MAP", "bpf_map_delete_elem", "cannot take a port out of the steering map");
  };
  // First: what is not steered for this reason is not missed.
  remove(STEER_ANY_QUEUE);
  for (uint32_t queue = 0; queue < queues; queue++) remove(queue);
}

void Steering::attach(const std::string& interface, Attach attach) {
  link_ = attachXdp(bpf_program__fd(skeleton_->progs.steer), interface, attach);
}

void Steering::append(CounterList& out) const {
  auto sums = sumPerCpu(bpf_map__fd(skeleton_->maps.verdicts), STEER_VERDICTS);
  out.emplace_back("steerNotUdp", sums[STEER_NOT_UDP]);
  out.emplace_back("steerNoTarget", sums[STEER_NO_TARGET]);
  out.emplace_back("steerForOthers", sums[STEER_FOR_OTHERS]);
  out.emplace_back("refusedSource", sums[STEER_REFUSED_SOURCE]);
  out.emplace_back("steerUnservedQueue", sums[STEER_UNSERVED_QUEUE]);
  out.emplace_back("steerRedirected", sums[STEER_REDIRECTED]);
}

}  // namespace ivb
