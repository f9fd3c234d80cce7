// Takes and gives back huge pages of a kernel whose default ones have 1 GiB; it stands here in the place of the real one.
#include <linux/mman.h>
#include <sys/syscall.h>

#include <cstdio>

#include "../../../native/pages.h"

namespace {

size_t pageBytes = 0;  ///< of the last mapping
bool refused = false;

}  // namespace

extern "C" void* mmap(void* address, size_t bytes, int protection, int flags, int fd, off_t offset) noexcept {
  pageBytes = 4096;
  if (flags & MAP_HUGETLB) {
    int log2 = flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;
    pageBytes = size_t(1) << (log2 ? log2 : 30);
    flags &= ~(MAP_HUGETLB | MAP_POPULATE | MAP_HUGE_MASK << MAP_HUGE_SHIFT);
    bytes = (bytes + pageBytes - 1) / pageBytes * pageBytes;
  }
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, bytes, protection, flags, fd, offset));
}

extern "C" int munmap(void* address, size_t bytes) noexcept {
  if (bytes % pageBytes != 0) refused = true;
  return refused ? -1 : int(syscall(SYS_munmap, address, bytes));
}

int main() {
  constexpr size_t bytes = 5 << 20;
  {
    auto memory = ivb::takeHugePages(bytes);
    if (!memory || memory->size() < bytes) return std::printf("no memory\n"), 1;
  }
  if (refused) return std::printf("not given back: pages of %zu bytes\n", pageBytes), 1;
  {
    ivb::Mapping memory = ivb::takePages(bytes, "CODE", "tests");
    for (size_t at = 0; at < bytes; at++) {
      if (memory.data()[at] != 0) return std::printf("not zeroed\n"), 1;
    }
  }
  std::printf(refused ? "small pages are not given back\n" : "right\n");
}
