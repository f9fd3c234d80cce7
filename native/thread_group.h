#pragma once
// Pinned threads that start together and stop together; more may join and some leave in between.
#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "thread.h"

namespace ivb {

class ThreadGroup {
 public:
  ThreadGroup() = default;
  ThreadGroup(const ThreadGroup&) = delete;
  ~ThreadGroup() { join(); }

  /// Runs body(index) on one thread a CPU of `cpus` (`anyCpu`: not pinned). Returns when every thread is pinned and
  /// about to run; throws, with no thread left, if one could not be pinned.
  void start(const std::vector<int>& cpus, std::function<void(size_t)> body) {
    std::atomic<size_t> waiting{0};
    std::atomic<int> gate{0};  // 0 closed, 1 open, -1 give up
    auto launch = [&](size_t i) {
      OnCpu there(cpus[i]);  // the first pages of a stack are touched by the thread that makes it
      threads_.emplace_back([this, i, cpu = cpus[i], body, &waiting, &gate] {
        bool pinned = guarded([&] {
          if (cpu != anyCpu) pinThread(cpu);
        });
        waiting.fetch_add(1);
        gate.wait(0);
        int verdict = gate.load();
        leaving_.fetch_add(1);
        if (pinned && verdict > 0) guarded([&] { body(i); });
      });
    };
    guarded([&] {
      for (size_t i = 0; i < cpus.size(); i++) launch(i);
    });
    size_t launched = threads_.size();
    while (waiting.load() < launched) sched_yield();
    // A thread that dies later is told of by rethrow(), like any other.
    bool failed = hasFault();
    gate.store(failed ? -1 : 1);
    gate.notify_all();
    // `gate` lives on this stack: wait until no thread looks at it any more.
    while (leaving_.load() < launched) sched_yield();
    if (failed) {
      join();
      rethrow();
    }
  }

  /// Runs body() on one more thread. Returns its index when it is pinned and about to run; throws if it could not be.
  size_t add(int cpu, std::function<void()> body) {
    std::atomic<int> verdict{0};  // 1 pinned, -1 not
    std::exception_ptr refusal;
    OnCpu there(cpu);
    std::thread& thread = threads_.emplace_back([this, cpu, body, &verdict, &refusal] {
      try {
        if (cpu != anyCpu) pinThread(cpu);
      } catch (...) {
        refusal = std::current_exception();
        verdict.store(-1);
        return;
      }
      verdict.store(1);
      guarded(body);
    });
    while (verdict.load() == 0) sched_yield();
    if (refusal) {
      thread.join();
      std::rethrow_exception(refusal);
    }
    return threads_.size() - 1;
  }

  /// Waits until that thread has left by itself.
  void join(size_t index) { threads_[index].join(); }

  void requestStop() { stopping_.store(true, std::memory_order_relaxed); }
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  void join() {
    requestStop();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  /// Threads of the group, for signals.
  std::deque<std::thread>& threads() { return threads_; }

  /// Throws what a thread died of, if one did.
  void rethrow() {
    std::lock_guard<std::mutex> guard(lock_);
    if (fault_) std::rethrow_exception(fault_);
  }

 private:
  template <typename Action>
  bool guarded(Action action) {
    try {
      action();
      return true;
    } catch (...) {
      std::lock_guard<std::mutex> guard(lock_);
      if (!fault_) fault_ = std::current_exception();
      return false;
    }
  }
  bool hasFault() {
    std::lock_guard<std::mutex> guard(lock_);
    return fault_ != nullptr;
  }

  std::deque<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> leaving_{0};
  std::mutex lock_;
  std::exception_ptr fault_;
};

}  // namespace ivb
