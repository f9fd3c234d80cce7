#include "reply_collector.h"

#include "collect.skel.h"
#include "xdp_program.h"

namespace ivb {

ReplyCollector::ReplyCollector(const reply_flows& flows)
    : skeleton_(loadSkeleton(collect__open, collect__load, collect__destroy, "collecting", [&](struct collect& skeleton) {
        auto& fixed = rodataOf(skeleton);
        static_assert(sizeof fixed.flows == sizeof flows);
        setRodata(fixed.flows, &flows);
      })) {}

ReplyCollector::~ReplyCollector() = default;

void ReplyCollector::setSocket(uint32_t queue, int socketFd) {
  if (bpf_map_update_elem(bpf_map__fd(skeleton_->maps.sockets), &queue, &socketFd, BPF_ANY) != 0)
    fail("BPF_MAP", "bpf_map_update_elem", "cannot enter a socket into the collecting map");
}

void ReplyCollector::attach(const std::string& interface) {
  link_ = attachXdp(bpf_program__fd(skeleton_->progs.collect), interface, Attach::native);
}

}  // namespace ivb
