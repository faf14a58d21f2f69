#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace playhouse::fuzz {

/// Ends the process, which the fuzzer takes for a find, when `holds` is false.
inline void require(bool holds, std::string_view promise) {
    if (holds) return;
    std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(promise.size()), promise.data());
    std::abort();
}

}  // namespace playhouse::fuzz
