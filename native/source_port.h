#pragma once
// Which requests are answered, by the port that they come from: two services that answer each other would go on for ever.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "../bpf/source_port.h"
#include "invoker.h"

namespace ivb {

/// Whether a request from `sourcePort` (host byte order) is answered by an invoker of these services. One is not that
/// comes from a port below 1024, from the port of a function (of another invoker, as a rule) or from a port that is
/// served here: whoever has it would answer the reply, and so on (CVE-2024-2169). Such a request counts as `refusedSource`.
inline bool answerable(uint16_t sourcePort, const std::vector<Service>& services) {
  return !is_service_port(sourcePort) && std::none_of(services.begin(), services.end(), [sourcePort](const Service& service) {
    return service.port == sourcePort;
  });
}

}  // namespace ivb
