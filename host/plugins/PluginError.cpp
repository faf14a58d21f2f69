#include "PluginError.h"

#include <algorithm>
#include <array>

namespace playhouse::host {

bool maySucceedLater(std::string_view code) noexcept {
    // Migrations that failed, or were refused, do so again until someone changes something.
    constexpr std::array<std::string_view, 7> passing{"DATABASE_BUSY",        "DATABASE_READ_ONLY", "DATABASE_TOO_NEW",
                                                      "DATABASE_UNAVAILABLE", "MIGRATION_TIMEOUT",  "START_TIMEOUT",
                                                      "STORAGE_FULL"};
    return std::find(passing.begin(), passing.end(), code) != passing.end();
}

}  // namespace playhouse::host
