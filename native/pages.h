#pragma once
// Memory for packets: all there from the start, on the NUMA node of the CPU that asks for it.
#include <optional>
#include <set>
#include <string>

#include "handle.h"

namespace ivb {

/// Zeroed pages. They are of the node of the calling thread's CPU (see OnCpu) while that has any free. Throws SystemError
/// `code`; `use` completes "N bytes of".
Mapping takePages(size_t bytes, const char* code, const char* use);

/// The same in huge pages of 2 MiB, a size that all supported CPUs have, whatever the kernel's default one is. None where
/// the kernel does not have enough of them to spare.
std::optional<Mapping> takeHugePages(size_t bytes);

/// The NUMA nodes that memory is on, as far as a sample of its pages tells; none where the kernel does not say.
std::set<int> nodesOf(const Mapping& memory);

/// "0", "0,1", or "unknown" of none.
std::string listOf(const std::set<int>& nodes);

/// Pages of a UMEM are all taken at once: what cannot be had is to be said, not to bring the machine down. Throws
/// SystemError UMEM, which says the remedy.
void refuseMoreThanMemory(uint64_t bytes, const char* remedy);

}  // namespace ivb
