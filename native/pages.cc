#include "pages.h"

#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <sys/syscall.h>

#include <algorithm>

#include "error.h"

namespace ivb {
namespace {

constexpr int populated = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
constexpr size_t hugePageBytes = 2 << 20;
constexpr size_t mostSamples = 512;

}  // namespace

Mapping takePages(size_t bytes, const char* code, const char* use) {
  void* address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, populated, -1, 0);
  if (address == MAP_FAILED) fail(code, "mmap", "cannot allocate " + std::to_string(bytes) + " bytes of " + use);
  return Mapping(address, bytes);
}

std::optional<Mapping> takeHugePages(size_t bytes) {
  size_t whole = (bytes + hugePageBytes - 1) & ~(hugePageBytes - 1);
  void* address = mmap(nullptr, whole, PROT_READ | PROT_WRITE, populated | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
  if (address == MAP_FAILED) return std::nullopt;
  return Mapping(address, whole);
}

std::set<int> nodesOf(const Mapping& memory) {
  std::set<int> nodes;
  const size_t page = size_t(sysconf(_SC_PAGESIZE));
  const size_t step = std::max<size_t>(1, memory.size() / page / mostSamples) * page;
  for (size_t at = 0; at < memory.size(); at += step) {
    int node = -1;
    // Of libnuma's header, which is not always there, this is all that is needed.
    if (syscall(SYS_get_mempolicy, &node, nullptr, 0, memory.data() + at, MPOL_F_NODE | MPOL_F_ADDR) == 0) {
      nodes.insert(node);
    } else if (errno == ENOSYS) {
      return {0};  // a kernel without NUMA
    } else {
      return {};
    }
  }
  return nodes;
}

std::string listOf(const std::set<int>& nodes) {
  std::string list;
  for (int node : nodes) list += (list.empty() ? "" : ",") + std::to_string(node);
  return list.empty() ? "unknown" : list;
}

void refuseMoreThanMemory(uint64_t bytes, const char* remedy) {
  uint64_t memory = uint64_t(sysconf(_SC_PHYS_PAGES)) * uint64_t(sysconf(_SC_PAGESIZE));
  if (bytes <= memory / 2) return;
  throw SystemError("UMEM", "mmap", 0,
                    std::to_string(bytes >> 20) +
                        " MiB of UMEM are more than half of this machine's memory (" + remedy + ")");
}

}  // namespace ivb
