#include "speed_watch.h"

#include <algorithm>

#include "thread.h"

namespace ivb {
namespace {

constexpr uint64_t periodNs = 10000000;
constexpr size_t mostLooks = 1000;
/// About 8 µs at 4 GHz: a thousandth of the CPU's time, and more than a clock reading can blur.
constexpr int steps = 8000;
/// The code and the clock's page come into the caches before it counts.
constexpr int firstSteps = 500;

/// Each step waits for the one before it, and none needs memory: what it takes depends on the CPU alone.
uint64_t work(uint64_t x, int count) {
  for (int i = 0; i < count; i++) {
    x = x * 6364136223846793005u + 1;
    asm volatile("" : "+r"(x));  // no step is left out
  }
  return x;
}

SpeedLook look() {
  uint64_t x = work(monotonicNs(), firstSteps);
  uint64_t beganNs = monotonicNs();
  work(x, steps);
  uint64_t endedNs = monotonicNs();
  return {endedNs, endedNs - beganNs};
}

void sleepUntil(uint64_t atNs) {
  timespec at{time_t(atNs / 1000000000u), long(atNs % 1000000000u)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

}  // namespace

SpeedWatch::SpeedWatch(const std::vector<int>& cpus) : cpus_(cpus.size()) {
  threads_.start(cpus, [this](size_t i) { watch(cpus_[i]); });
}

void SpeedWatch::watch(Looks& looks) {
  for (uint64_t nextNs = monotonicNs(); !threads_.stopping(); sleepUntil(nextNs)) {
    SpeedLook one = look();
    {
      std::lock_guard<std::mutex> guard(looks.lock);
      if (looks.all.size() == mostLooks) looks.all.pop_front();
      looks.all.push_back(one);
    }
    // Looks that were missed are not made up for.
    nextNs = std::max(nextNs + periodNs, one.atNs);
  }
}

std::vector<std::vector<SpeedLook>> SpeedWatch::take() {
  std::vector<std::vector<SpeedLook>> out;
  for (Looks& looks : cpus_) {
    std::lock_guard<std::mutex> guard(looks.lock);
    out.emplace_back(looks.all.begin(), looks.all.end());
    looks.all.clear();
  }
  return out;
}

}  // namespace ivb
