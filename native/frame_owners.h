#pragma once
// Debug builds keep a byte a frame that says where the frame is, and catch a frame that is in two places.
#include <cstdint>
#include <string>
#include <vector>

#include "error.h"

namespace ivb {

/// The places of a frame that user space tells apart: RX belongs to `fill` until it is taken, completion to `tx`.
enum class Owner : uint8_t { free, fill, hand, tx };

/// A frame is moved by the one thread that holds it, so the bytes need no lock. Release builds keep nothing.
class FrameOwners {
 public:
#ifdef DEBUG
  FrameOwners() = default;
  FrameOwners(uint64_t frames, uint32_t frameBytes) : frameBytes_(frameBytes), owners_(frames, Owner::free) {}

  /// Throws SystemError FRAME_OWNER if the frame at `address` is not where it is said to come from.
  void move(uint64_t address, Owner from, Owner to) {
    Owner& owner = owners_.at(address / frameBytes_);
    if (owner != from)
      throw SystemError("FRAME_OWNER", "move", 0,
                        "frame " + std::to_string(address / frameBytes_) + " is with " + std::to_string(int(owner)) +
                            " instead of " + std::to_string(int(from)));
    owner = to;
  }

 private:
  uint32_t frameBytes_ = 1;
  std::vector<Owner> owners_;
#else
  FrameOwners() = default;
  FrameOwners(uint64_t, uint32_t) {}
  void move(uint64_t, Owner, Owner) {}
#endif
};

}  // namespace ivb
