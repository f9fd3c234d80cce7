#pragma once
// Which Linux this is, for what no system call tells.
#include <sys/utsname.h>

#include <cstdio>

namespace ivb {

inline bool kernelIsAtLeast(int major, int minor) {
  utsname name{};
  int running[2] = {};
  if (uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &running[0], &running[1]) != 2) return false;
  return running[0] > major || (running[0] == major && running[1] >= minor);
}

}  // namespace ivb
