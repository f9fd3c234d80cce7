#pragma once
// Time, pinning and the stop signal of measured threads.
#include <pthread.h>
#include <sched.h>
#include <time.h>

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

/// Binds the calling thread to one CPU.
inline void pinThread(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  int error = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  if (error) throw SystemError("PIN", "pthread_setaffinity_np", error, "cannot pin a thread to CPU " + std::to_string(cpu));
}

/// Keeps the calling thread on one CPU while it lives (`anyCpu`: where it is). The kernel gives memory from the node of the
/// CPU that first touches it: what a pinned thread will use is to be allocated on that thread's CPU.
class OnCpu {
 public:
  explicit OnCpu(int cpu) {
    if (cpu == anyCpu) return;
    moved_ = sched_getaffinity(0, sizeof before_, &before_) == 0;
    pinThread(cpu);
  }
  OnCpu(const OnCpu&) = delete;
  ~OnCpu() {
    if (moved_) sched_setaffinity(0, sizeof before_, &before_);
  }

 private:
  cpu_set_t before_;
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
