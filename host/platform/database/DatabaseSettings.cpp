#include "DatabaseSettings.h"

namespace playhouse::host {

std::string describe(const DatabaseSettings& settings) {
    if (settings.dialect == SqlDialect::SQLite) return "SQLite file " + settings.file.string();
    const auto of = [&](const char* name, const std::string& fallback) {
        const auto found = settings.parameters.find(name);
        return found == settings.parameters.end() || found->second.empty() ? fallback : found->second;
    };
    return "PostgreSQL database " + of("dbname", of("user", "(of the user's name)")) + " at " +
           of("host", of("hostaddr", "localhost")) + ":" + of("port", "5432");
}

}  // namespace playhouse::host
