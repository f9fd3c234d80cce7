#include "waits.h"

#include <fcntl.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <string>

#include "handle.h"

namespace ivb {

std::optional<Waits> waitsOf(pid_t thread) {
  std::string path = "/proc/self/task/" + std::to_string(thread) + "/schedstat";
  Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  char text[64] = {};
  if (read(file.get(), text, sizeof text - 1) <= 0) return std::nullopt;
  Waits waits;
  if (std::sscanf(text, "%*u %" SCNu64 " %" SCNu64, &waits.delayNs, &waits.runs) != 2) return std::nullopt;
  return waits;
}

std::optional<Waits> ownWaits() { return waitsOf(gettid()); }

}  // namespace ivb
