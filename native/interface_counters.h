#pragma once
// What the kernel counted on an interface of this network namespace.
#include <string>

#include "counters.h"

namespace ivb {

/// All of `ethtool -S`, by the driver's names. Empty for a driver without statistics. Throws SystemError.
CounterList interfaceCounters(const std::string& interface);

}  // namespace ivb
