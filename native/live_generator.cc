// XDP live frames: BPF_PROG_TEST_RUN runs bpf/generate.bpf.c over recycled frames and redirects those that are due.
#include <fcntl.h>
#include <linux/if_link.h>
#include <sched.h>
#include <signal.h>

#include <bit>
#include <chrono>
#include <deque>

#include "../bpf/generate.h"
#include "../bpf/stamp.h"
#include "generate.skel.h"
#include "generator.h"
#include "generator_counters.h"
#include "interface_counters.h"
#include "interface_facts.h"
#include "thread_group.h"
#include "xdp_program.h"

namespace ivb {
namespace {

// A batch leaves as a whole: few frames where times count, many where only the rate does. Powers of two.
constexpr uint32_t framesPerBatch = 64;
constexpr uint32_t framesPerTimedBatch = 8;

uint32_t batchOf(const GeneratorConfig& config) { return config.timed ? framesPerTimedBatch : framesPerBatch; }

// A preemptible kernel (7.x, or preempt=full) leaves its RCU read section at the end of a call only, and until then nobody
// on the host attaches an XDP program or removes an interface: a second of frames, whether they are sent or only looked at.
constexpr uint32_t framesPerCall = 1u << 22;

/// Until every thread has frames, which is a matter of milliseconds.
constexpr auto patience = std::chrono::seconds(10);

/// Interrupts BPF_PROG_TEST_RUN, which checks for pending signals between batches.
void installWakeSignal() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigaction(SIGRTMIN, &action, nullptr);
}

using Program = std::unique_ptr<struct generate, void (*)(struct generate*)>;

/// What tells the rest of `request` after its stamp, and what mends its end.
generate_ends endsOf(const std::vector<uint8_t>& request) {
  generate_ends ends{};
  // A rest so short is written anew as a whole.
  if (request.size() < headerBytes + STAMP_BYTES + GENERATE_MIN_MIRRORED) return ends;
  std::memcpy(&ends.first, request.data() + headerBytes + STAMP_BYTES, sizeof ends.first);
  std::memcpy(ends.last, request.data() + request.size() - sizeof ends.last, sizeof ends.last);
  return ends;
}

/// The instance of one thread of `config.cpus.size()`.
Program loadProgram(const GeneratorConfig& config, const std::vector<uint8_t>& request, uint32_t thread) {
  std::vector<uint8_t> mirrored = request;
  mirrorPayload(mirrored);
  return loadSkeleton(generate__open, generate__load, generate__destroy, "generating", [&](struct generate& skeleton) {
    auto& fixed = rodataOf(skeleton);
    setRodata(fixed.headers, request.data());
    fixed.first_source_port = config.route.firstSourcePort;
    fixed.flow_mask = uint16_t(config.route.flows - 1);
    fixed.first_sequence = thread;
    // A power of two, so that no two threads share a flow or a slot of what is tracked.
    fixed.sequence_step = std::bit_ceil(uint32_t(config.cpus.size()));
    fixed.instances = uint32_t(config.cpus.size());
    fixed.batch_mask = batchOf(config) - 1;
    fixed.watched = config.timed;
    fixed.moved = driverOf(config.route.interface) != "veth";
    fixed.stamped = config.checkEvery != 0;
    if (config.arrival == Arrival::poisson) {
      fixed.random_gaps = 1;
      auto gaps = exponentialGaps();
      std::memcpy(skeleton.bss->gaps_drawn, gaps.data(), sizeof gaps);
    }
    fixed.rest_bytes = uint32_t(request.size() - headerBytes - STAMP_BYTES);
    generate_ends ends[] = {endsOf(request), endsOf(mirrored)};
    static_assert(sizeof fixed.ends == sizeof ends);
    setRodata(fixed.ends, ends);
    std::memcpy(skeleton.bss->rest, request.data() + headerBytes + STAMP_BYTES, fixed.rest_bytes);
  });
}

/// The interface that the requests of `program` leave by.
void setEgress(const Program& program, const std::string& interface) {
  uint32_t only = 0, index = uint32_t(interfaceIndexOf(interface));
  if (bpf_map_update_elem(bpf_map__fd(program->maps.egress), &only, &index, BPF_ANY) != 0)
    fail("BPF_MAP", "bpf_map_update_elem", "cannot enter the interface into the generating program's map");
}

/**
 * Keeps a program among those that the kernel calls without a detour, by attaching it to the loopback interface of a
 * network namespace where nobody is. Else each call of BPF_PROG_TEST_RUN enters and removes it and waits each time until
 * no CPU runs an XDP program any more, for milliseconds, and in a preemptible kernel for ever if another thread of this
 * generator is in a call.
 */
class Entered {
 public:
  explicit Entered(int programFd) {
    std::exception_ptr refusal;
    std::thread([&] {
      try {
        enter(programFd);
      } catch (...) {
        refusal = std::current_exception();
      }
    }).join();
    if (refusal) std::rethrow_exception(refusal);
  }

 private:
  void enter(int programFd) {
    constexpr int loopback = 1;  // its index in each namespace
    if (unshare(CLONE_NEWNET) != 0)
      fail("LIVE_FRAMES", "unshare", "cannot make a network namespace for live frames (needs CAP_SYS_ADMIN)");
    namespace_ = Fd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!namespace_) fail("LIVE_FRAMES", "open", "cannot open /proc/thread-self/ns/net");
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_SKB_MODE);
    int fd = bpf_link_create(programFd, loopback, BPF_XDP, &options);
    if (fd < 0) throw SystemError("XDP_ATTACH", "bpf_link_create", -fd, "cannot enter the generating program");
    link_ = Fd(fd);
  }

  Fd namespace_;
  Fd link_;
};

class LiveGenerator : public Generator {
 public:
  explicit LiveGenerator(const GeneratorConfig& config)
      : config_(config),
        request_(config.packetBytes),
        replies_(replyCounterConfig(config),
                 replyPattern(*config.function, config.packetBytes)) {
    buildRequest(request_.data(), request_.size(), config.route, config.route.firstSourcePort);
    for (uint32_t i = 0; i < config.cpus.size(); i++) {
      OnCpu there(config.cpus[i]);
      programs_.push_back(loadProgram(config, request_, i));
      setEgress(programs_.back(), config.route.interface);
      entered_.emplace_back(bpf_program__fd(programs_.back()->progs.generate));
    }
    installWakeSignal();
    running_.store(int(config.cpus.size()));
    threads_.start(config_.cpus, [this](size_t index) { loop(*programs_[index]); });
    try {
      awaitFrames();
    } catch (...) {
      stop();
      throw;
    }
  }

  ~LiveGenerator() override { stop(); }

  void setRate(double perSecond) override {
    uint64_t interval = GENERATE_PAUSED;
    if (perSecond == unpacedRate) {
      interval = GENERATE_UNPACED;
    } else if (perSecond > 0) {
      double ns = 1e9 * double(programs_.size()) / perSecond;
      interval = std::max<uint64_t>(1, uint64_t(ns * (1 << GENERATE_FRACTION_BITS)));
      uint64_t maxLagNs = uint64_t(catchUp(config_.timed).boundNs(1e9 / perSecond));
      for (Program& program : programs_) program->bss->max_lag = maxLagNs << GENERATE_FRACTION_BITS;
    }
    for (Program& program : programs_) program->data->interval = interval;
  }

  void record(bool on) override {
    for (Program& program : programs_) program->bss->recording = on;
    replies_.record(on);
  }

  void countSince(uint64_t sinceNs) override { replies_.countSince(sinceNs); }

  void rethrow() override { threads_.rethrow(); }

  CounterList counters() override {
    SendCounts sum;
    for (Program& program : programs_) {
      const auto& counted = *program->bss;
      sum.offered += __atomic_load_n(&counted.offered, __ATOMIC_RELAXED);
      sum.sent += __atomic_load_n(&counted.sent, __ATOMIC_RELAXED);
      sum.late += __atomic_load_n(&counted.late, __ATOMIC_RELAXED);
      sum.gaps += __atomic_load_n(&counted.gaps, __ATOMIC_RELAXED);
      sum.gapsNs += __atomic_load_n(&counted.gaps_total_ns, __ATOMIC_RELAXED);
      sum.awayNs += __atomic_load_n(&counted.away_ns, __ATOMIC_RELAXED);
      sum.longestGapNs = std::max<uint64_t>(sum.longestGapNs, __atomic_load_n(&counted.longest_gap_ns, __ATOMIC_RELAXED));
    }
    CounterList list;
    sum.append(list);
    replies_.append(list);
    return list;
  }

  Histogram roundTrips() override { return replies_.roundTrips(); }

  Histogram lags() override {
    Histogram sum;
    for (Program& program : programs_) {
      for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (uint64_t count = __atomic_load_n(&program->bss->lags[i], __ATOMIC_RELAXED)) sum.add(i, count);
      }
    }
    return sum;
  }

  void stop() override {
    setRate(0);
    threads_.requestStop();
    // A signal that comes just before the system call would be lost, so it is repeated until the thread has left.
    while (running_.load() > 0) {
      for (std::thread& thread : threads_.threads()) {
        if (thread.joinable()) pthread_kill(thread.native_handle(), SIGRTMIN);
      }
      timespec pause{0, 1000000};
      nanosleep(&pause, nullptr);
    }
    threads_.join();
    replies_.detach();
  }

 private:
  /// Until every thread has frames: one that has none would keep its share of the rate to itself.
  void awaitFrames() {
    auto running = [](const Program& program) { return __atomic_load_n(&program->bss->last_look_ns, __ATOMIC_RELAXED) != 0; };
    auto deadline = std::chrono::steady_clock::now() + patience;
    for (size_t i = 0; i < programs_.size(); i++) {
      while (!running(programs_[i])) {
        threads_.rethrow();
        if (std::chrono::steady_clock::now() > deadline)
          throw SystemError("LIVE_FRAMES", "BPF_PROG_TEST_RUN", ETIMEDOUT,
                            "no live frames on CPU " + std::to_string(config_.cpus[i]));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
  }

  void loop(struct generate& program) {
    struct Running {
      ~Running() { count.fetch_sub(1); }
      std::atomic<int>& count;
    } running{running_};
    int fd = bpf_program__fd(program.progs.generate);
    while (!threads_.stopping()) {
      LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = request_.data(), .data_size_in = uint32_t(request_.size()),
                  .repeat = int(framesPerCall), .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = batchOf(config_));
      int error = bpf_prog_test_run_opts(fd, &options);
      if (error && error != -EINTR) {
        const char* lack = error == -EPERM ? " (needs CAP_NET_ADMIN)" : error == -EINVAL ? " (needs Linux 5.18)" : "";
        throw SystemError("LIVE_FRAMES", "BPF_PROG_TEST_RUN", -error, std::string("cannot run XDP live frames") + lack);
      }
    }
  }

  GeneratorConfig config_;
  std::vector<uint8_t> request_;
  ReplyCounter replies_;
  std::deque<Program> programs_;
  std::deque<Entered> entered_;
  std::atomic<int> running_{0};
  ThreadGroup threads_;  // last: its destructor joins before the rest goes
};

}  // namespace

std::unique_ptr<Generator> startLiveGenerator(const GeneratorConfig& config) {
  return std::make_unique<LiveGenerator>(config);
}

}  // namespace ivb
