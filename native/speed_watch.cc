#include "speed_watch.h"

#include <algorithm>

#include "thread.h"

namespace ivb {
namespace {

constexpr uint64_t periodNs = 10000000;
constexpr size_t mostLooks = 1000;
/// About 8 µs at 4 GHz: a thousandth of the CPU's time, and more than a clock reading can blur.
constexpr int steps = 7000;
/// The code and the clock's page come into the caches before it counts.
constexpr int firstSteps = 500;

/// Sixteen operations a step in eight chains that do not wait for each other and need no memory: as many as a core can
/// issue. A neighbour on the core's other hardware thread takes half of that, and nothing from a single chain.
void work(int count) {
  uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
  for (int i = 0; i < count; i++) {
    a += 3, b += 5, c += 7, d += 9, e += 11, f += 13, g += 15, h += 17;
    asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g), "+r"(h));  // none is left out
    a ^= 3, b ^= 5, c ^= 7, d ^= 9, e ^= 11, f ^= 13, g ^= 15, h ^= 17;
    asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g), "+r"(h));
  }
}

SpeedLook look() {
  work(firstSteps);
  uint64_t beganNs = monotonicNs();
  work(steps);
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
