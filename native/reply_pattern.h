#pragma once
// What a right reply looks like: made by the function itself from generated requests.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../bpf/payload.h"
#include "../bpf/stamp.h"
#include "functions.h"

namespace ivb {

struct ReplyPattern {
  /// A byte of the stamp, and where a reply has a copy of it.
  struct StampByte {
    uint16_t at;
    uint8_t of;
  };

  size_t bytes = 0;                   ///< of a right reply
  size_t stampOffset = 0;             ///< of one whole stamp in it
  bool stampMirrored = false;         ///< whether that stands back to front
  std::vector<StampByte> stampBytes;  ///< all copies of all its bytes
  /// The reply to a request, and to one whose payload is mirrored; padded with zeros to `replyRoom`.
  std::vector<uint8_t> expected, expectedMirrored;
  std::vector<uint8_t> fixed;  ///< 0xff where every reply has the same byte; padded with zeros
};

/// The longest payload, and 8 bytes to spare, in 8-byte words.
constexpr size_t replyRoom = MAX_PAYLOAD_BYTES + 8;

/// Throws SystemError FUNCTION if the function fails on the request, or its reply has no whole stamp.
ReplyPattern replyPattern(const Function& function, size_t packetBytes);

}  // namespace ivb
