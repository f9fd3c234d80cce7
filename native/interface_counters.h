#pragma once
// What the kernel says of an interface of this network namespace.
#include <cstdint>
#include <string>

#include "counters.h"

namespace ivb {

/// Index of an interface. Throws SystemError NO_INTERFACE.
int interfaceIndexOf(const std::string& interface);

/// All of `ethtool -S`, by the driver's names. Empty for a driver without statistics. Throws SystemError.
CounterList interfaceCounters(const std::string& interface);

}  // namespace ivb
