#pragma once
// Attaching XDP programs so that nothing outlives this process, and the programs that need a user side.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "choices.h"
#include "error.h"
#include "handle.h"
#include "load_log.h"

namespace ivb {

/// Attaches by an unpinned bpf_link: closing it, or the death of the process, detaches. Never falls back to another
/// mode. Throws SystemError XDP_ATTACH, saying which program is in the way if there is one.
Fd attachXdp(int programFd, const std::string& interface, Attach attach);

/// Whether the interface that `link` was attached to still exists.
bool isAttached(const Fd& link);

/// The mode an XDP program is attached in, read back from the kernel: "native", "skb", "offload" or "none".
const char* attachedMode(const std::string& interface);

/// "name (id N)" of a loaded program, as far as it can be read.
std::string programName(uint32_t id);

/// A program that is loaded.
struct XdpProgram {
  uint32_t id;
  std::string name;
};

/// All of the kernel, attached or not, whoever loaded them; none for a process that may not ask.
std::vector<XdpProgram> xdpPrograms();

/// Fills an array or a structure of a skeleton's read-only data from as many bytes at `from`: it is const where rodataOf()
/// has made the rest writable.
template <typename Field>
void setRodata(Field& field, const void* from) {
  std::memcpy(const_cast<void*>(static_cast<const volatile void*>(&field)), from, sizeof field);
}

/// The read-only data of a skeleton that is open and not loaded yet, when it still may be written to.
template <typename Skeleton>
auto& rodataOf(Skeleton& skeleton) {
  using Data = std::remove_const_t<std::remove_pointer_t<decltype(skeleton.rodata)>>;
  return *const_cast<Data*>(skeleton.rodata);
}

/// Throws SystemError BPF_LOAD with what the verifier or libbpf said.
[[noreturn]] void refuseToLoad(const char* name, int error, const LoadLog& log);

/// Opens and loads a bpftool skeleton; `configure` sets its read-only data between the two. Throws SystemError.
template <typename Skeleton, typename Configure>
std::unique_ptr<Skeleton, void (*)(Skeleton*)> loadSkeleton(Skeleton* (*open)(), int (*load)(Skeleton*),
                                                            void (*destroy)(Skeleton*), const char* name,
                                                            Configure configure) {
  std::unique_ptr<Skeleton, void (*)(Skeleton*)> skeleton(open(), destroy);
  if (!skeleton) fail("BPF_LOAD", "bpf_object__open", std::string("cannot open the ") + name + " program");
  configure(*skeleton);
  LoadLog log;
  int error = load(skeleton.get());
  if (error) refuseToLoad(name, -error, log);
  return skeleton;
}

/// Sum over CPUs of the first `count` entries of a per-CPU array of u64.
std::vector<uint64_t> sumPerCpu(int mapFd, uint32_t count);

/// Loads an XDP program and attaches it to nothing. Throws SystemError BPF_LOAD where the kernel takes none.
void tryXdpProgram();

/// The XDP_PASS program, attached while this lives.
class PassProgram {
 public:
  explicit PassProgram(const std::string& interface);

 private:
  Fd link_;
};

}  // namespace ivb
