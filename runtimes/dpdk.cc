// The invoker on DPDK: lcores that poll, each a queue of the one port that EAL was given, and answer what is for this host.
//
//   dpdk EAL-ARGUMENTS -- --function reverse --port 1232 [--function ... --port ...] [--interface IF] [--address A]
//
// It says `ready`, then a line of counters for each `count` that it reads, and the last one at `stop`, the end of input or
// SIGTERM (impls/dpdk.ts). The lcore that reads sleeps; the others burn their CPUs.
#include <poll.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <cstdio>
#include <deque>
#include <iostream>
#include <optional>

#include "../native/ends.h"
#include "../native/interface_counters.h"
#include "../native/own_ends.h"
#include "../native/port_holders.h"
#include "../native/reply.h"
#include "../native/udp_addresses.h"
#include "dpdk_port.h"

namespace ivb {
namespace {

/// What all lcores serve.
struct Task {
  InvokerConfig config{};
  own_ends own{};
  size_t longest = 0;        ///< bytes of a payload that the port sends in one packet
  bool answersArp = false;   ///< nobody else does: the kernel has no interface there
  std::atomic<bool> leaving{false};
};

/// A worker lcore and its queue.
struct Lane {
  Lane(Task& task, uint16_t queue) : task(task), queue(queue), counters(task.config.services.size()) {}

  Task& task;
  uint16_t queue;
  std::deque<InvokerCounters> counters;  ///< one a service
  Counter notUdp, noFunction, forOthers;
};

/// The replies of one burst, which stay in the buffers of their requests.
class Replies {
 public:
  explicit Replies(uint16_t queue) : queue_(queue) {}

  void add(rte_mbuf* buffer, size_t bytes, InvokerCounters* counters) {
    buffer->data_len = uint16_t(bytes);
    buffer->pkt_len = uint32_t(bytes);
    counters_[count_] = counters;
    buffers_[count_++] = buffer;
  }

  /// What has no room in the queue is dropped: it would hold up the requests that wait.
  void send() {
    uint16_t sent = count_ ? rte_eth_tx_burst(DpdkPort::id, queue_, buffers_, count_) : 0;
    for (uint16_t i = 0; i < count_; i++) {
      if (!counters_[i]) continue;
      if (i < sent) counters_[i]->replied.add(1);
      else counters_[i]->txFull.add(1);
    }
    rte_pktmbuf_free_bulk(buffers_ + sent, count_ - sent);
    count_ = 0;
  }

 private:
  uint16_t queue_;
  uint16_t count_ = 0;
  rte_mbuf* buffers_[DpdkPort::maxBurst];
  InvokerCounters* counters_[DpdkPort::maxBurst];
};

/// Turns a question for the MAC of an address that is served here into its answer; false where it is none.
bool answeredArp(uint8_t* packet, size_t bytes, const own_ends& own) {
  struct __attribute__((packed)) Arp {
    ether_header ethernet;
    uint16_t hardware, protocol;
    uint8_t hardwareBytes, protocolBytes;
    uint16_t operation;
    uint8_t senderMac[6];
    uint32_t senderAddress;
    uint8_t targetMac[6];
    uint32_t targetAddress;
  };
  constexpr uint16_t ethernet = 1, request = 1, reply = 2;
  Arp& arp = *reinterpret_cast<Arp*>(packet);
  if (bytes < sizeof arp || arp.ethernet.ether_type != htons(ETHERTYPE_ARP) || arp.hardware != htons(ethernet) ||
      arp.protocol != htons(ETHERTYPE_IP) || arp.operation != htons(request) || (arp.senderMac[0] & 1) ||
      !isAmong(arp.targetAddress, own, own.served))
    return false;
  std::memcpy(arp.targetMac, arp.senderMac, 6);
  std::memcpy(arp.senderMac, &own.mac_front, 4);
  std::memcpy(arp.senderMac + 4, &own.mac_back, 2);
  std::memcpy(arp.ethernet.ether_dhost, arp.targetMac, 6);
  std::memcpy(arp.ethernet.ether_shost, arp.senderMac, 6);
  uint32_t asker = arp.senderAddress;
  arp.senderAddress = arp.targetAddress;
  arp.targetAddress = asker;
  arp.operation = htons(reply);
  return true;
}

/// Answers a packet in its buffer or gives the buffer back.
void take(rte_mbuf* buffer, Lane& lane, Replies& replies) {
  const Task& task = lane.task;
  const std::vector<Service>& services = task.config.services;
  uint8_t* packet = rte_pktmbuf_mtod(buffer, uint8_t*);
  // What is in several buffers is longer than any request.
  const size_t bytes = rte_pktmbuf_data_len(buffer);
  const PacketKind kind = kindOf(packet, bytes, task.own, services);
  if (kind == PacketKind::request || kind == PacketKind::refusedSource) {
    const size_t service = serviceOf(*reinterpret_cast<UdpFrame*>(packet), services);
    InvokerCounters& counters = lane.counters[service];
    counters.received.add(1);
    if (kind == PacketKind::refusedSource) {
      counters.refusedSource.add(1);
    } else {
      const Work work(services[service].function->run, task.config.delayNs);
      const size_t room = bytes + rte_pktmbuf_tailroom(buffer);
      const size_t replyBytes = answer({packet, uint32_t(bytes), room}, work, Checksum::zero, counters);
      if (replyBytes != functionFailed) {
        counters.handled.add(1);
        if (replyBytes <= task.longest) return replies.add(buffer, headerBytes + replyBytes, &counters);
        counters.sendFailed.add(1);
      }
    }
  } else if (task.answersArp && answeredArp(packet, bytes, task.own)) {
    return replies.add(buffer, bytes, nullptr);
  } else {
    (kind == PacketKind::notUdp ? lane.notUdp : kind == PacketKind::noFunction ? lane.noFunction : lane.forOthers).add(1);
  }
  rte_pktmbuf_free(buffer);
}

/// A worker lcore's whole life: polls until it is to leave and has answered what waited then.
int serve(void* argument) {
  Lane& lane = *static_cast<Lane*>(argument);
  Replies replies(lane.queue);
  rte_mbuf* burst[DpdkPort::maxBurst];
  for (uint32_t waited = 0; waited < DpdkPort::ringSlots;) {
    bool leaving = lane.task.leaving.load(std::memory_order_acquire);
    uint16_t count = rte_eth_rx_burst(DpdkPort::id, lane.queue, burst, DpdkPort::maxBurst);
    for (uint16_t i = 0; i < count; i++) take(burst[i], lane, replies);
    replies.send();
    if (leaving && !count) break;
    if (leaving) waited += count;
    if (!count) cpuRelax();
  }
  return 0;
}

/// Words that begin with dashes, each with the one behind it; those that are not known are others'.
void readOptions(int argc, char** argv, Task& task) {
  const Function* function = nullptr;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--interface") task.config.interface = value;
    if (name == "--address" && inet_pton(AF_INET, value.c_str(), &task.config.address) != 1)
      throw SystemError("ARGUMENT", "--address", 0, "no IPv4 address " + value);
    if (name == "--delay-ns") task.config.delayNs = uint32_t(std::stoul(value));
    if (name == "--function" && !(function = findFunction(value.c_str())))
      throw SystemError("ARGUMENT", "--function", 0, "no function " + value);
    if (name == "--port") task.config.services.push_back({uint16_t(std::stoul(value)), function, 1});
  }
  for (const Service& service : task.config.services)
    if (!service.function) throw SystemError("ARGUMENT", "--port", 0, "a port needs a --function before it");
  if (task.config.services.empty()) throw SystemError("ARGUMENT", "--port", 0, "no function to serve");
}

/// Where the kernel has no interface for the port, all that there is to know is the address that was given.
own_ends givenEnds(const InvokerConfig& config) {
  if (!config.address) throw SystemError("ARGUMENT", "--address", 0, "a port without an interface needs an address");
  own_ends own{};
  rte_ether_addr mac = DpdkPort::mac();
  std::memcpy(&own.mac_front, mac.addr_bytes, 4);
  std::memcpy(&own.mac_back, mac.addr_bytes + 4, 2);
  own.served = 1;
  own.address_count = 1;
  own.addresses[0] = config.address;
  return own;
}

void print(FILE* out, const Task& task, const std::deque<Lane>& lanes, const PortHolders& holders) {
  const std::vector<Service>& services = task.config.services;
  CounterList all = DpdkPort::counters();
  holders.append(all);
  auto add = [&](const std::string& name, uint64_t value) {
    auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == name; });
    if (found == all.end()) all.emplace_back(name, value);
    else found->second += value;
  };
  for (const Lane& lane : lanes) {
    add("steerNotUdp", lane.notUdp.get());
    add("steerNoTarget", lane.noFunction.get());
    add("steerForOthers", lane.forOthers.get());
    for (size_t i = 0; i < services.size(); i++) {
      for (const auto& [name, value] : lane.counters[i].list()) {
        add(name, value);
        add(std::to_string(services[i].port) + "." + std::to_string(lane.queue) + "." + name, value);
      }
    }
  }
  for (const auto& [name, value] : all) fprintf(out, "%s=%lu ", name.c_str(), static_cast<unsigned long>(value));
  fputs("\n", out);
  fflush(out);
}

/// Returns when it is to stop.
template <typename Count>
void obey(int signals, Count count) {
  std::string said;
  for (;;) {
    pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(sources, 2, -1) < 0 && errno != EINTR) fail("INPUT", "poll", "cannot wait for commands");
    if (sources[1].revents) return;
    if (!sources[0].revents) continue;
    char piece[256];
    ssize_t bytes = read(STDIN_FILENO, piece, sizeof piece);
    if (bytes <= 0) return;
    said.append(piece, size_t(bytes));
    for (size_t end; (end = said.find('\n')) != std::string::npos; said.erase(0, end + 1)) {
      const std::string line = said.substr(0, end);
      if (line == "stop") return;
      if (line == "count") count();
    }
  }
}

void run(int argc, char** argv, FILE* out, int signals) {
  const int used = rte_eal_init(argc, argv);
  if (used < 0) throw SystemError("DPDK", "rte_eal_init", rte_errno, "cannot start DPDK");
  Task task;
  readOptions(argc - used, argv + used, task);
  const std::string& interface = task.config.interface;
  PortHolders holders;
  if (!interface.empty()) holders.hold(task.config);
  DpdkPort port(uint16_t(rte_lcore_count() - 1));
  task.own = interface.empty() ? givenEnds(task.config) : ownEndsOf(task.config);
  task.longest = interface.empty() ? DpdkPort::longestPayload() : longestPayload(interface);
  task.answersArp = interface.empty();
  std::deque<Lane> lanes;
  unsigned lcore;
  RTE_LCORE_FOREACH_WORKER(lcore) {
    lanes.emplace_back(task, uint16_t(lanes.size()));
    rte_eal_remote_launch(serve, &lanes.back(), lcore);
  }
  auto finish = [&] {
    task.leaving.store(true, std::memory_order_release);
    rte_eal_mp_wait_lcore();
  };
  try {
    fputs("ready\n", out);
    fflush(out);
    obey(signals, [&] {
      // Nothing else tells: a port whose interface is gone receives nothing any more.
      if (!interface.empty()) interfaceIndexOf(interface);
      print(out, task, lanes, holders);
    });
  } catch (...) {
    finish();
    throw;
  }
  finish();
  print(out, task, lanes, holders);
}

}  // namespace
}  // namespace ivb

int main(int argc, char** argv) {
  // Libraries print wherever they like: the standard output is for our own lines.
  FILE* out = fdopen(dup(STDOUT_FILENO), "w");
  dup2(STDERR_FILENO, STDOUT_FILENO);
  rte_openlog_stream(stderr);
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  // Before DPDK starts threads, which would else be hit by them.
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  try {
    ivb::run(argc, argv, out, signalfd(-1, &ending, SFD_CLOEXEC));
    return 0;
  } catch (const std::exception& error) {
    fprintf(stderr, "dpdk: %s\n", error.what());
    return 1;
  }
}
