#pragma once
// uapi of AF_XDP that is newer than the headers of Debian 12: transmit metadata (Linux 6.8).
#include <cstdint>

namespace ivb {

/// struct xdp_umem_reg with the length of the transmit metadata, which older kernels do not take.
struct UmemRegistration {
  uint64_t address;
  uint64_t bytes;
  uint32_t chunkBytes;
  uint32_t headroomBytes;
  uint32_t flags;
  uint32_t txMetadataBytes;
};
static_assert(sizeof(UmemRegistration) == 32);

constexpr uint32_t umemTxMetadata = 1 << 2;         // XDP_UMEM_TX_METADATA_LEN
constexpr uint32_t descriptorHasMetadata = 1 << 1;  // XDP_TX_METADATA, in the options of a descriptor
constexpr uint64_t metadataChecksum = 1 << 1;       // XDP_TXMD_FLAGS_CHECKSUM

/// struct xsk_tx_metadata: stands right before a frame's first byte. The kernel completes the checksum from
/// `checksumStart` to the end of the frame, at `checksumStart + checksumOffset`, which holds the pseudo-header's sum.
struct TxMetadata {
  uint64_t flags;
  uint16_t checksumStart;
  uint16_t checksumOffset;
  uint32_t reserved;
  uint64_t reservedForLaunchTime;
};
static_assert(sizeof(TxMetadata) == 24);

}  // namespace ivb
