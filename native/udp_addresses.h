#pragma once
// What replies depend on: the addresses of this host, and how long a datagram its interfaces send.
#include <cstdint>
#include <string>
#include <vector>

namespace ivb {

/// The IPv4 addresses of an interface, of all where `interface` is empty, if it has several: replies then have to be told
/// which one they come from, or the kernel would choose one by the route. Else none. Network byte order. Throws SystemError.
std::vector<uint32_t> severalAddresses(const std::string& interface);

/// Bytes of the longest UDP payload that an interface sends in one packet, by its MTU of now; 0 where it is missing.
/// Throws SystemError.
uint32_t longestPayload(const std::string& interface);

}  // namespace ivb
