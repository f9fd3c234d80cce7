// The invoker on DPDK: lcores that poll, each a queue of one port, and answer what is for this host (docs/dpdk.md).
//
//   dpdk --function reverse --port 1232 [--function ... --port ...] [--interface IF] [--address A] [--device DEVICE]
//        [--main-cpu CPU] [--poll-cpus CPU,...] [--work-steps N] [--delay-ns N]
//
// It says `ready`, then a line of counters for each `count` that it reads, and the last one at `stop`, the end of input or
// SIGTERM. The lcore that reads sleeps; the others burn their CPUs.
#include <poll.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <cstdio>
#include <deque>
#include <optional>
#include <sstream>

#include "../native/interface_counters.h"
#include "../native/own_ends.h"
#include "../native/port_holders.h"
#include "../native/udp_addresses.h"
#include "dpdk_eal.h"
#include "dpdk_lane.h"
#include "dpdk_port.h"

namespace ivb {
namespace {

std::vector<std::string> parts(const std::string& list) {
  std::istringstream text(list);
  std::vector<std::string> out;
  for (std::string part; std::getline(text, part, ',');) out.push_back(part);
  return out;
}

/// CPUs that this process may use.
std::vector<std::string> allowedCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) fail("PIN", "sched_getaffinity", "cannot tell which CPUs it may use");
  std::vector<std::string> out;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET(cpu, &set)) out.push_back(std::to_string(cpu));
  return out;
}

/// Names with dashes, each with a value behind it. Those that are not known are somebody else's.
void readOptions(int argc, char** argv, InvokerConfig& config, EalOptions& eal) {
  const Function* function = nullptr;
  const std::vector<std::string> allowed = allowedCpus();
  eal.mainCpu = allowed.front();
  eal.pollCpus = {allowed.back()};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--interface") config.interface = eal.interface = primaryName(value);
    if (name == "--device") eal.device = value;
    if (name == "--main-cpu") eal.mainCpu = value;
    if (name == "--poll-cpus") eal.pollCpus = parts(value);
    if (name == "--work-steps") config.workSteps = uint32_t(std::stoul(value));
    if (name == "--delay-ns") config.delayNs = uint32_t(std::stoul(value));
    if (name == "--address" && inet_pton(AF_INET, value.c_str(), &config.address) != 1)
      throw SystemError("ARGUMENT", "--address", 0, "no IPv4 address " + value);
    if (name == "--function" && !(function = findFunction(value.c_str())))
      throw SystemError("ARGUMENT", "--function", 0, "no function " + value);
    if (name == "--port") config.services.push_back({uint16_t(std::stoul(value)), function, 1});
  }
  if (config.services.empty()) throw SystemError("ARGUMENT", "--port", 0, "no port to serve");
  for (const Service& service : config.services)
    if (!service.function) throw SystemError("ARGUMENT", "--port", 0, "no --function before it");
}

/// Of a port that the kernel has no interface for: its own MAC, and the address that was given.
own_ends givenEnds(const InvokerConfig& config) {
  if (!config.address) throw SystemError("ARGUMENT", "--address", 0, "a port without an interface needs an address");
  const rte_ether_addr mac = DpdkPort::mac();
  own_ends own{};
  std::memcpy(&own.mac_front, mac.addr_bytes, 4);
  std::memcpy(&own.mac_back, mac.addr_bytes + 4, 2);
  own.served = 1;
  own.address_count = 1;
  own.addresses[0] = config.address;
  for (const Service& service : config.services) own.ports[own.port_count++] = htons(service.port);
  return own;
}

/// Sums of all lcores; where there are several services, also each one's as `PORT_name`.
class Line {
 public:
  void add(const std::string& name, uint64_t value) {
    auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& one) { return one.first == name; });
    if (found == all_.end()) all_.emplace_back(name, value);
    else found->second += value;
  }

  void print(FILE* out) const {
    const char* gap = "";
    for (const auto& [name, value] : all_) {
      fprintf(out, "%s%s=%llu", gap, name.c_str(), static_cast<unsigned long long>(value));
      gap = " ";
    }
    fputs("\n", out);
    fflush(out);
  }

 private:
  CounterList all_;
};

/// What one program serves, from its start to its last counters.
class Server {
 public:
  Server(InvokerConfig config, const EalOptions& options) : ports_(config.services.size()) {
    task_.config = std::move(config);
    const std::string& interface = task_.config.interface;
    if (!interface.empty()) {
      task_.own = ownEndsOf(task_.config);
      holders_.hold(task_.config);
    }
    eal_.emplace(options);
    port_.emplace(uint16_t(options.pollCpus.size()));
    if (interface.empty()) task_.own = givenEnds(task_.config);
    task_.longest = interface.empty() ? DpdkPort::longestPayload() : longestPayload(interface);
    task_.answersArp = interface.empty();
    unsigned lcore;
    RTE_LCORE_FOREACH_WORKER(lcore) {
      lanes_.emplace_back(task_, uint16_t(lanes_.size()));
      rte_eal_remote_launch(DpdkLane::serve, &lanes_.back(), lcore);
    }
  }
  ~Server() { stop(); }

  /// Answers what waits; the counters stay.
  void stop() {
    task_.leaving.store(true, std::memory_order_release);
    rte_eal_mp_wait_lcore();
  }

  void print(FILE* out) {
    const std::string& interface = task_.config.interface;
    // Nothing else tells: a port whose interface is gone receives nothing any more.
    if (!interface.empty()) interfaceIndexOf(interface);
    Line line;
    for (DpdkLane& lane : lanes_) {
      for (size_t i = 0; i < ports_; i++) {
        for (const auto& [name, value] : lane.counters[i].list()) {
          line.add(name, value);
          if (ports_ > 1) line.add(std::to_string(task_.config.services[i].port) + "_" + name, value);
        }
      }
      line.add("steerNotUdp", lane.notUdp.get());
      line.add("steerNoTarget", lane.noFunction.get());
      line.add("steerForOthers", lane.forOthers.get());
    }
    line.add(DpdkPort::driver() == "net_af_xdp" ? "xskRxDropped" : "ringFull", DpdkPort::missed());
    line.add("leftToKernel", leftToKernel());
    line.print(out);
  }

 private:
  /// What the kernel dropped at the ports; net_af_packet gets copies, and the kernel goes on with all.
  uint64_t leftToKernel() {
    CounterList list;
    holders_.append(list);
    uint64_t dropped = list.front().second, taken = 0;
    if (DpdkPort::driver() != "net_af_packet") return dropped;
    for (DpdkLane& lane : lanes_)
      for (const InvokerCounters& counted : lane.counters) taken += counted.received.get();
    return dropped > taken ? dropped - taken : 0;
  }

  size_t ports_;
  DpdkTask task_;
  PortHolders holders_;
  std::optional<Eal> eal_;
  std::optional<DpdkPort> port_;
  std::deque<DpdkLane> lanes_;
};

/// Calls `count` for each line that asks for it; returns when it is to stop.
template <typename Count>
void obey(int signals, Count count) {
  std::string said;
  for (;;) {
    pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(sources, 2, -1) < 0 && errno != EINTR) fail("INPUT", "poll", "cannot wait for commands");
    if (sources[1].revents) return;
    if (!sources[0].revents) continue;
    char piece[256];
    const ssize_t bytes = read(STDIN_FILENO, piece, sizeof piece);
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
  InvokerConfig config{};
  EalOptions eal;
  readOptions(argc, argv, config, eal);
  Server server(std::move(config), eal);
  fputs("ready\n", out);
  fflush(out);
  obey(signals, [&] { server.print(out); });
  server.stop();
  server.print(out);
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
  int code = 0;
  try {
    ivb::run(argc, argv, out, signalfd(-1, &ending, SFD_CLOEXEC));
  } catch (const std::exception& error) {
    fprintf(stderr, "dpdk: %s\n", error.what());
    code = 1;
  }
  return code;
}
