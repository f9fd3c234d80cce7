#pragma once
// The part that invokers with threads share: services x queues x threads as slots, whose threads start together, come
// and go while running, and stop together.
#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>

#include "grace_period.h"
#include "invoker.h"
#include "thread_group.h"
#include "waits.h"

namespace ivb {

/// One thread's place: what it serves and what it counted. Stays in the list when its thread was scaled away, and is
/// taken again when threads are added. `Resource` is what the thread receives from.
template <typename Resource>
struct Slot {
  Slot(size_t service, uint32_t queue, uint32_t number, int cpu)
      : service(service), queue(queue), number(number), cpu(cpu) {}

  const size_t service;  ///< index into the services
  const uint32_t queue;
  const uint32_t number;  ///< among the threads of its service and queue
  const int cpu;
  std::unique_ptr<Resource> resource;  ///< null while no thread runs
  size_t thread = 0;                   ///< in the thread group
  /// Set when the thread is to answer what it has and leave.
  std::atomic<bool> leaving{false};
  InvokerCounters counters;
  std::atomic<pid_t> threadId{0};  ///< of the thread that serves; 0 while none does
  Counter pastDelayNs, pastRuns;   ///< waits of the threads that served here before
};

template <typename Resource>
class ThreadedInvoker : public Invoker {
 public:
  using Slot = ivb::Slot<Resource>;

  void scale(uint16_t port, uint32_t threadsPerQueue) final {
    if (!scales()) throw SystemError("SCALE", "scale", 0, "this implementation has a fixed number of threads");
    auto found = std::find_if(config_.services.begin(), config_.services.end(),
                              [port](const Service& service) { return service.port == port; });
    if (found == config_.services.end())
      throw SystemError("SCALE", "scale", 0, "no function is served on port " + std::to_string(port));
    if (threadsPerQueue < 1 || threadsPerQueue > config_.maxThreadsPerQueue)
      throw SystemError("SCALE", "scale", 0,
                        std::to_string(threadsPerQueue) + " threads a queue is not from 1 to " +
                            std::to_string(config_.maxThreadsPerQueue));
    threads_.rethrow();
    size_t service = size_t(found - config_.services.begin());
    for (uint32_t q = 0; q < config_.queues; q++) {
      grow(service, q, threadsPerQueue);
      shrink(service, q, threadsPerQueue);
    }
  }

  /// Whatever fails of it, all threads are told to leave and are joined; then the first failure is thrown.
  void stop() final {
    if (stopped_) return;
    stopped_ = true;
    Attempts attempt;
    attempt([&] { shutOff(); });
    for (Slot& slot : slots_) {
      slot.leaving.store(true);
      if (slot.resource) attempt([&] { wake(slot); });
    }
    threads_.join();
    attempt([&] { settle(); });
    attempt.rethrow();
  }

  std::vector<ThreadReading> readThreads() final {
    threads_.rethrow();
    std::vector<ThreadReading> out;
    for (Slot& slot : slots_) {
      out.push_back({serviceOf(slot).port, slot.queue, slot.resource != nullptr, read(slot)});
      appendWaits(slot, out.back().counters);
    }
    return out;
  }

 protected:
  explicit ThreadedInvoker(const InvokerConfig& config) : config_(config) {
    for (size_t s = 0; s < config.services.size(); s++) {
      for (uint32_t q = 0; q < config.queues; q++) {
        for (uint32_t n = 0; n < config.services[s].threadsPerQueue; n++)
          slots_.emplace_back(s, q, n, config.cpuOf(s, q, n));
      }
    }
  }

  /// To be called by the last constructor: opens all slots, starts their threads together, lets requests in. Throws,
  /// with no thread left, what open() or a pinning threw.
  void start() {
    std::vector<int> cpus;
    std::vector<Slot*> slots;
    for (Slot& slot : slots_) {
      {
        OnCpu there(slot.cpu);
        slot.resource = open(slot);
      }
      slot.thread = cpus.size();
      cpus.push_back(slot.cpu);
      slots.push_back(&slot);
    }
    threads_.start(cpus, [this, slots](size_t index) { run(*slots[index]); });
    try {
      for (size_t s = 0; s < config_.services.size(); s++) {
        for (uint32_t q = 0; q < config_.queues; q++) admit(s, q, config_.services[s].threadsPerQueue);
      }
    } catch (...) {
      stopQuietly();
      throw;
    }
  }

  /// For destructors, which nobody hears.
  void stopQuietly() noexcept {
    try {
      stop();
    } catch (...) {
    }
  }

  // --- what an implementation does -------------------------------------------------------------------------------

  /// Makes what the slot receives from, on the slot's CPU. Called for all slots in their order before the first thread
  /// starts.
  virtual std::unique_ptr<Resource> open(const Slot& slot) = 0;
  /// The slot's thread: serves until `slot.leaving` is set and nothing is left to answer.
  virtual void serve(Slot& slot) = 0;
  /// Wakes the slot's thread, should it sleep, to see that `leaving` is set.
  virtual void wake(Slot& slot) = 0;
  /// The first `count` slots of a service and queue are to receive from now on, the others no more.
  virtual void admit(size_t, uint32_t, uint32_t) {}
  /// The slot's thread dies of an error, of which others hear a second later: it is to get no more until then.
  virtual void abandon(Slot&) noexcept {}
  /// The slot's thread is gone: ends what open() made.
  virtual void close(Slot& slot) { slot.resource.reset(); }
  /// Takes away what requests come by, before the threads are told to leave.
  virtual void shutOff() {}
  /// All threads are gone.
  virtual void settle() {}
  virtual CounterList read(Slot& slot) { return slot.counters.list(); }
  /// Whether the number of threads may change while running.
  virtual bool scales() const { return false; }

  const InvokerConfig& config() const { return config_; }
  const Service& serviceOf(const Slot& slot) const { return config_.services[slot.service]; }
  std::deque<Slot>& slots() { return slots_; }

 private:
  /// The slot's thread from its begin to its end.
  void run(Slot& slot) {
    slot.threadId.store(gettid());
    try {
      serve(slot);
    } catch (...) {
      abandon(slot);
      throw;
    }
    if (auto waits = ownWaits()) {
      slot.pastDelayNs.add(waits->delayNs);
      slot.pastRuns.add(waits->runs);
    }
    slot.threadId.store(0);
  }

  /// Adds `runDelayNs` and `runs` where the kernel keeps them. Threads come and go only when the caller of this says so:
  /// none ends between the readings.
  static void appendWaits(const Slot& slot, CounterList& out) {
    pid_t thread = slot.threadId.load();
    std::optional<Waits> now = waitsOf(thread ? thread : gettid());
    if (!now) return;
    if (!thread) now = Waits{0, 0};
    out.emplace_back("runDelayNs", slot.pastDelayNs.get() + now->delayNs);
    out.emplace_back("runs", slot.pastRuns.get() + now->runs);
  }

  void grow(size_t service, uint32_t queue, uint32_t count) {
    for (uint32_t running = runningIn(service, queue); running < count; running++) {
      Slot& slot = slotOf(service, queue, running);
      slot.leaving.store(false);
      {
        OnCpu there(slot.cpu);
        slot.resource = open(slot);
      }
      try {
        slot.thread = threads_.add(slot.cpu, [this, &slot] { run(slot); });
      } catch (...) {
        closeQuietly(slot);
        throw;
      }
      try {
        admit(service, queue, running + 1);
      } catch (...) {
        // As if it had not been asked for: a thread that nothing comes to would look like one that serves.
        try {
          admit(service, queue, running);
        } catch (...) {
        }
        dismiss(slot);
        closeQuietly(slot);
        throw;
      }
    }
  }

  void shrink(size_t service, uint32_t queue, uint32_t count) {
    for (uint32_t running = runningIn(service, queue); running > count; running--) {
      Slot& slot = slotOf(service, queue, running - 1);
      admit(service, queue, running - 1);
      awaitGracePeriod();  // what was on its way to the slot has arrived
      dismiss(slot);
      try {
        close(slot);
      } catch (...) {
        slot.resource.reset();  // there is no thread: the slot must not look as if it ran
        throw;
      }
    }
  }

  /// Tells the slot's thread to leave and waits for it.
  void dismiss(Slot& slot) {
    slot.leaving.store(true);
    wake(slot);
    threads_.join(slot.thread);
  }

  /// For a slot whose failure is told of already: whatever becomes of its resource, it has no thread.
  void closeQuietly(Slot& slot) noexcept {
    try {
      close(slot);
    } catch (...) {
      slot.resource.reset();
    }
  }

  /// The slot of that number, which may be new.
  Slot& slotOf(size_t service, uint32_t queue, uint32_t number) {
    for (Slot& slot : slots_) {
      if (slot.service == service && slot.queue == queue && slot.number == number) return slot;
    }
    return slots_.emplace_back(service, queue, number, config_.cpuOf(service, queue, number));
  }

  uint32_t runningIn(size_t service, uint32_t queue) const {
    return uint32_t(std::count_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
      return slot.resource && slot.service == service && slot.queue == queue;
    }));
  }

  InvokerConfig config_;
  std::deque<Slot> slots_;  // a deque: slots neither move nor copy
  bool stopped_ = false;
  ThreadGroup threads_;
};

}  // namespace ivb
