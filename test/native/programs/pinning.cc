// Pins a thread on a kernel of 4,096 CPUs, which stands here in the place of the real one.
#include <bitset>
#include <cerrno>
#include <cstdio>

#include "../../../native/thread.h"

namespace {

constexpr size_t cpus = 4096;
std::bitset<cpus> allowed = std::bitset<cpus>().set();

int allow(size_t bytes, const cpu_set_t* set) {
  std::bitset<cpus> asked;
  for (size_t cpu = 0; cpu < cpus; cpu++) asked[cpu] = CPU_ISSET_S(cpu, bytes, set);
  if (asked.none()) return EINVAL;
  allowed = asked;
  return 0;
}

}  // namespace

extern "C" int pthread_setaffinity_np(pthread_t, size_t bytes, const cpu_set_t* set) noexcept { return allow(bytes, set); }

extern "C" int sched_setaffinity(pid_t, size_t bytes, const cpu_set_t* set) noexcept {
  errno = allow(bytes, set);
  return errno ? -1 : 0;
}

extern "C" int sched_getaffinity(pid_t, size_t bytes, cpu_set_t* set) noexcept {
  errno = EINVAL;
  if (bytes * 8 < cpus) return -1;
  CPU_ZERO_S(bytes, set);
  for (size_t cpu = 0; cpu < cpus; cpu++) {
    if (allowed[cpu]) CPU_SET_S(cpu, bytes, set);
  }
  return 0;
}

int main() {
  try {
    for (size_t cpu : {size_t(0), size_t(1023), size_t(1024), cpus - 1}) {
      ivb::OnCpu there{int(cpu)};
      if (allowed.count() != 1 || !allowed[cpu]) return std::printf("not on CPU %zu\n", cpu), 1;
    }
  } catch (const std::exception& error) {
    return std::printf("%s\n", error.what()), 1;
  }
  std::printf(allowed.all() ? "right\n" : "not back on all CPUs\n");
}
