#pragma once
// A table that no cache of a core holds: 1 M records of 64 bytes, a cache line each.
#include <cstddef>
#include <cstdint>

namespace ivb {

constexpr size_t recordBytes = 64;
/// Of a payload: its first bytes, 4 bits in the lower half of each, the lowest first.
constexpr size_t keyBytes = 5;

/// Fills the table, unless it is filled: 64 MiB, some 50 ms.
void fillRecords();

/// The record of the key at the front of a payload of `keyBytes` or more, recordBytes long: the bytes 0x40 | 4 bits of the
/// key, then letters that are the same in all. Neighbouring keys are far from each other. After fillRecords().
const uint8_t* findRecord(const uint8_t* payload);

}  // namespace ivb
