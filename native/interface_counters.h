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

/// RX queues as `ethtool -l` counts them; 0 where there is no such interface or its driver does not say. (sysfs would
/// show the namespace that it was mounted in, which need not be this one.) Throws SystemError.
uint32_t rxQueues(const std::string& interface);

}  // namespace ivb
