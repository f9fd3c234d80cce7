#include "lookup.h"

#include <array>
#include <memory>

namespace ivb {
namespace {

constexpr uint32_t keyBits = 4 * keyBytes;
constexpr uint32_t recordCount = 1 << keyBits;

struct alignas(recordBytes) Record {
  std::array<uint8_t, recordBytes> bytes;
};
std::unique_ptr<Record[]> records;

/// Multiplicative hashing (Knuth, The Art of Computer Programming, vol. 3, 6.4): odd, so that no two keys share a place.
constexpr uint32_t placeOf(uint32_t key) { return (key * 2654435769u) % recordCount; }

}  // namespace

void fillRecords() {
  if (records) return;
  records.reset(new Record[recordCount]);
  for (uint32_t key = 0; key < recordCount; key++) {
    auto& bytes = records[placeOf(key)].bytes;
    for (size_t i = 0; i < recordBytes; i++) bytes[i] = uint8_t(i < keyBytes ? 0x40 | (key >> (4 * i) & 0xf) : 'a' + i % 26);
  }
}

const uint8_t* findRecord(const uint8_t* payload) {
  uint32_t key = 0;
  for (size_t i = 0; i < keyBytes; i++) key |= uint32_t(payload[i] & 0xf) << (4 * i);
  return records[placeOf(key)].bytes.data();
}

}  // namespace ivb
