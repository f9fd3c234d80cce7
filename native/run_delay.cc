#include "run_delay.h"

#include <fcntl.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <string>

#include "handle.h"

namespace ivb {

std::optional<uint64_t> runDelayNs(pid_t thread) {
  std::string path = "/proc/self/task/" + std::to_string(thread) + "/schedstat";
  Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  char text[64] = {};
  if (read(file.get(), text, sizeof text - 1) <= 0) return std::nullopt;
  uint64_t waitedNs;
  if (std::sscanf(text, "%*u %" SCNu64, &waitedNs) != 1) return std::nullopt;
  return waitedNs;
}

std::optional<uint64_t> ownRunDelayNs() { return runDelayNs(gettid()); }

}  // namespace ivb
