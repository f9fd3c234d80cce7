#pragma once
// The classes of the addon, each with its name.
#include "addon_values.h"

namespace ivb {

/// Adds Invoker.
void exportInvoker(Napi::Env env, Napi::Object exports);
/// Adds PacedLoad, ClosedLoop and Sink.
void exportLoads(Napi::Env env, Napi::Object exports);

}  // namespace ivb
