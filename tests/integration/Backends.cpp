#include "Backends.h"

#include <PostgresServer.h>
#include <RedisServer.h>

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace {

/// More than a program has tests; Redis has 16 unless told otherwise.
constexpr int redisDatabases = 1024;

Backends newSharedBackends() {
    using namespace playhouse::tests;
    static const RedisServer redis({"--databases", std::to_string(redisDatabases)});
    static int database = 0;
    if (database == redisDatabases) throw std::runtime_error("more servers than Redis has databases");
    auto& postgres = PostgresServer::shared();
    return {postgres.url(postgres.makeDatabase()), redis.url() + "/" + std::to_string(database++)};
}

}  // namespace

Backends backendsOfThisRun() {
    const char* const variable = std::getenv("PLAYHOUSE_TEST_BACKENDS");
    const std::string_view kind = variable == nullptr ? "embedded" : variable;
    if (kind == "shared") return newSharedBackends();
    if (kind != "embedded")
        throw std::runtime_error("PLAYHOUSE_TEST_BACKENDS is \"" + std::string(kind) +
                                 "\"; it takes embedded or shared");
    return embeddedBackends();
}
