#pragma once
// What the kernel says of an interface of this network namespace.
#include <cstdint>
#include <string>

#include "counters.h"

namespace ivb {

/// Index of an interface. Throws SystemError NO_INTERFACE.
int interfaceIndexOf(const std::string& interface);

/// The name that the kernel lists an interface by, where it was given by another one of its names; else as it was given.
std::string primaryName(const std::string& interface);

/// All of `ethtool -S`, by the driver's names. Empty for a driver without statistics. Throws SystemError.
CounterList interfaceCounters(const std::string& interface);

}  // namespace ivb
