#pragma once
// Time, pinning and the stop signal of measured threads.
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "error.h"

namespace ivb {

inline uint64_t monotonicNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000u + uint64_t(now.tv_nsec);
}

/// Stands for a thread that is not pinned.
constexpr int anyCpu = -1;

/// CPUs as the scheduler takes them. A cpu_set_t alone ends at 1,024; this has as many as the largest kernels.
class CpuSet {
 public:
  static constexpr size_t bytes = 8192 / 8;

  void add(int cpu) { CPU_SET_S(size_t(cpu), bytes, get()); }
  cpu_set_t* get() { return sets_.data(); }

 private:
  std::array<cpu_set_t, bytes / sizeof(cpu_set_t)> sets_{};
};

/// Binds the calling thread to one CPU.
inline void pinThread(int cpu) {
  CpuSet only;
  only.add(cpu);
  int error = pthread_setaffinity_np(pthread_self(), CpuSet::bytes, only.get());
  if (error) throw SystemError("PIN", "pthread_setaffinity_np", error, "cannot pin a thread to CPU " + std::to_string(cpu));
}

/// Keeps the calling thread on one CPU while it lives (`anyCpu`: where it is). The kernel gives memory from the node of the
/// CPU that first touches it: what a pinned thread will use is to be allocated on that thread's CPU.
class OnCpu {
 public:
  explicit OnCpu(int cpu) {
    if (cpu == anyCpu) return;
    if (sched_getaffinity(0, CpuSet::bytes, before_.get()) != 0)
      fail("PIN", "sched_getaffinity", "cannot tell which CPUs a thread may use");
    pinThread(cpu);
    moved_ = true;
  }
  OnCpu(const OnCpu&) = delete;
  ~OnCpu() {
    if (moved_) sched_setaffinity(0, CpuSet::bytes, before_.get());
  }

 private:
  CpuSet before_;
  bool moved_ = false;
};

/// Tells the CPU that the thread waits in a loop, where there is a word for that.
inline void cpuRelax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Batch lock: taken once a batch by the few threads that share a queue.
class SpinLock {
 public:
  void lock() {
    while (locked_.exchange(true, std::memory_order_acquire)) {
      // The holder may share this CPU: after a while let it run.
      for (int spins = 0; locked_.load(std::memory_order_relaxed); spins++) {
        if (spins < 256) cpuRelax();
        else sched_yield();
      }
    }
  }
  void unlock() { locked_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> locked_{false};
};

}  // namespace ivb
