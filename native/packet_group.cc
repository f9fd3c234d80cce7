#include "packet_group.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>

#include "../bpf/admit.h"
#include "../bpf/own.h"
#include "admit.skel.h"
#include "error.h"
#include "interface_counters.h"
#include "own_ends.h"
#include "rx_queue.h"
#include "udp_socket.h"
#include "xdp_program.h"

namespace ivb {
namespace {

constexpr int attachOption = 50;  // SO_ATTACH_BPF
constexpr int ebpfFanout = 7;     // PACKET_FANOUT_EBPF, Linux 4.3
constexpr int ownId = 0x2000;     // PACKET_FANOUT_FLAG_UNIQUEID: one that nobody has

}  // namespace

PacketGroup::PacketGroup(const InvokerConfig& config, const Service& service)
    : skeleton_(loadSkeleton(admit__open, admit__load, admit__destroy, "admitting",
                             [&](struct admit& skeleton) {
                               auto& fixed = rodataOf(skeleton);
                               own_ends own = ownEndsOf(config);
                               setRodata(fixed.own, &own);
                               fixed.interface = uint32_t(interfaceIndexOf(config.interface));
                               fixed.port = htons(service.port);
                               fixed.queue_count = config.queues;
                               fixed.records_queue = recordsQueue(config.interface);
                             })),
      seats_(config.queues) {}

PacketGroup::PacketGroup(PacketGroup&&) noexcept = default;
PacketGroup::~PacketGroup() = default;

void PacketGroup::keepOut(int fd) {
  if (!dropsDatagrams(fd)) fail("PACKET_SOCKET", "setsockopt(SO_ATTACH_FILTER)", "cannot keep packets from a socket");
}

void PacketGroup::join(int fd) {
  int group = (id_ < 0 ? ownId : 0) | ebpfFanout;
  int argument = group << 16 | std::max(id_, 0);
  if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, sizeof argument) != 0)
    fail("PACKET_SOCKET", "setsockopt(PACKET_FANOUT)", "cannot join the packet sockets of a function");
  if (id_ < 0) {
    int program = bpf_program__fd(skeleton_->progs.choose);
    socklen_t length = sizeof argument;
    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof program) != 0 ||
        getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, &length) != 0)
      fail("PACKET_SOCKET", "setsockopt(PACKET_FANOUT_DATA)", "cannot deal packets out to sockets");
    id_ = argument & 0xffff;
  }
  int filter = bpf_program__fd(skeleton_->progs.take);
  if (setsockopt(fd, SOL_SOCKET, attachOption, &filter, sizeof filter) != 0)
    fail("PACKET_SOCKET", "setsockopt(SO_ATTACH_BPF)", "cannot attach a filter to a packet socket");
  sockets_.push_back(fd);
}

void PacketGroup::seat(uint32_t queue, const std::vector<int>& fds) {
  seats_[queue] = fds;
  reseat();
}

void PacketGroup::removed(int fd) {
  auto place = std::find(sockets_.begin(), sockets_.end(), fd);
  if (place == sockets_.end()) return;
  *place = sockets_.back();
  sockets_.pop_back();
  if (sockets_.empty()) id_ = -1;  // the group goes with its last socket
  reseat();
}

void PacketGroup::reseat() {
  for (size_t queue = 0; queue < seats_.size(); queue++) {
    for (size_t i = 0; i < seats_[queue].size(); i++) {
      auto place = std::find(sockets_.begin(), sockets_.end(), seats_[queue][i]);
      skeleton_->bss->seats[queue * ADMIT_MAX_THREADS + i] = uint32_t(place - sockets_.begin());
    }
    skeleton_->bss->counts[queue] = uint32_t(seats_[queue].size());
  }
}

void PacketGroup::open(bool on) { skeleton_->bss->is_open = on; }

Admissions PacketGroup::admissions() const {
  auto sums = sumPerCpu(bpf_map__fd(skeleton_->maps.verdicts), ADMIT_VERDICTS);
  return {sums[ADMIT_FOR_OTHERS], sums[ADMIT_REFUSED_SOURCE], sums[ADMIT_TAKEN]};
}

}  // namespace ivb
