#include "DatabaseHome.h"

#include "configuration/DatabaseUrl.h"

#include <PostgresServer.h>

#include <stdlib.h>
#include <stdexcept>
#include <system_error>

namespace playhouse::tests {
namespace {

/// Slow machines and sanitizers are to break no test that does not wait for it.
constexpr std::chrono::milliseconds patience{20'000};

}  // namespace

const std::filesystem::path& ScratchDirectory::path() const {
    if (!path_.empty()) return path_;
    auto name = (std::filesystem::temp_directory_path() / "playhouse-database-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    return path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

host::DatabaseSettings SqliteHome::settings() const {
    auto settings = host::databaseOf("", directory_.path());
    settings.patience = patience;
    return settings;
}

const std::string& PostgresHome::name() const {
    if (name_.empty()) name_ = PostgresServer::shared().makeDatabase();
    return name_;
}

host::DatabaseSettings PostgresHome::settings() const {
    auto settings = host::databaseOf(PostgresServer::shared().url(name()), "/");
    settings.patience = patience;
    return settings;
}

host::HostDatabase& TestDatabase::operator*() {
    std::call_once(made_, [this] { database_ = std::make_unique<host::HostDatabase>(settings_(), *registry_); });
    return *database_;
}

double TestDatabase::figure(const std::string& name) const {
    double sum = 0;
    for (const auto& family : registry_->Collect())
        if (family.name == name)
            for (const auto& metric : family.metric) sum += metric.counter.value + metric.gauge.value;
    return sum;
}

}  // namespace playhouse::tests
