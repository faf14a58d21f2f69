// How near SqlSession::insert comes to COPY alone: the same 500 rows into the same table of the same PostgreSQL, by the
// platform's database and by psql, in turns. Run by hand, on a quiet machine: bulk-insert [ROUNDS]. PostgreSQL runs
// without fsync, so that no disk's time makes the two alike.

#include "configuration/DatabaseUrl.h"
#include "platform/database/HostDatabase.h"

#include <PostgresServer.h>

#include <prometheus/registry.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace playhouse;

namespace {

constexpr int rowCount = 500;
constexpr int insertsOfRound = 40;
constexpr double asked = 0.5;

const std::vector<std::string> columns{"id", "video_id", "position", "rate", "note", "at"};

std::vector<std::vector<SqlValue>> rows() {
    std::vector<std::vector<SqlValue>> all;
    const auto now = std::chrono::system_clock::now();
    for (std::int64_t number = 0; number < rowCount; ++number)
        all.push_back({uuidText(), uuidText(), number, 0.25 * static_cast<double>(number),
                       "event " + std::to_string(number) + " of a viewer", sqlTime(now)});
    return all;
}

std::string textOf(const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
    return std::get<std::string>(value);
}

/// The rows as COPY reads them; none of their texts has anything to escape.
void writeCopyFile(const std::filesystem::path& path, const std::vector<std::vector<SqlValue>>& all) {
    std::ofstream file(path);
    for (const auto& row : all)
        for (std::size_t column = 0; column < row.size(); ++column)
            file << textOf(row[column]) << (column + 1 < row.size() ? '\t' : '\n');
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Milliseconds of each insert into the table, emptied before.
std::vector<double> insertRound(Database& database, const std::vector<std::vector<SqlValue>>& all) {
    std::vector<double> taken;
    for (int number = 0; number < insertsOfRound; ++number) {
        database.use([](SqlSession& session) { session.run("TRUNCATE bulk_rows"); });
        const auto begin = std::chrono::steady_clock::now();
        database.use([&](SqlSession& session) { session.insert("bulk_rows", columns, all); });
        taken.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    return taken;
}

/// The same by psql, as its own \timing tells: without its start and its connecting.
std::vector<double> copyRound(const std::string& url, const std::filesystem::path& script) {
    const auto command = "psql --no-psqlrc --quiet '" + url + "' -v ON_ERROR_STOP=1 -f " + script.string();
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> psql(::popen(command.c_str(), "r"), ::pclose);
    if (!psql) throw std::runtime_error("cannot run psql");
    std::vector<double> taken;
    char line[256];
    double milliseconds = 0;
    while (std::fgets(line, sizeof line, psql.get()) != nullptr)
        if (std::sscanf(line, "Time: %lf ms", &milliseconds) == 1) taken.push_back(milliseconds);
    if (taken.size() != insertsOfRound) throw std::runtime_error("psql did not do what it was told");
    return taken;
}

void writeScript(const std::filesystem::path& script, const std::filesystem::path& data) {
    std::ofstream file(script);
    for (int number = 0; number < insertsOfRound; ++number)
        file << "TRUNCATE bulk_rows;\n\\timing on\n\\copy bulk_rows FROM '" << data.string() << "'\n\\timing off\n";
}

}  // namespace

int main(int argumentCount, char** arguments) {
    const int rounds = argumentCount > 1 ? std::max(1, std::atoi(arguments[1])) : 10;
    tests::PostgresServer server;
    const auto name = server.makeDatabase();
    server.execute(name,
                   "CREATE TABLE bulk_rows (id UUID PRIMARY KEY, video_id UUID NOT NULL, position BIGINT NOT NULL, "
                   "rate DOUBLE PRECISION NOT NULL, note TEXT NOT NULL, at TIMESTAMP NOT NULL)");
    prometheus::Registry registry;
    host::HostDatabase database(host::databaseOf(server.url(name), "/"), registry);
    const auto all = rows();
    auto directory = (std::filesystem::temp_directory_path() / "playhouse-bulk-insert-XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr) throw std::runtime_error("cannot make " + directory);
    const std::filesystem::path folder = directory;
    writeCopyFile(folder / "rows", all);
    writeScript(folder / "script", folder / "rows");

    std::vector<double> inserts, copies;
    std::printf("%5s %12s %12s   median of %d, in ms, for %d rows\n", "round", "insert()", "psql COPY", insertsOfRound,
                rowCount);
    for (int round = 0; round <= rounds; ++round) {
        const auto byInsert = median(insertRound(database, all));
        const auto byCopy = median(copyRound(server.url(name), folder / "script"));
        if (round == 0) continue;  // plans, caches and the table's files
        inserts.push_back(byInsert);
        copies.push_back(byCopy);
        std::printf("%5d %12.3f %12.3f\n", round, byInsert, byCopy);
    }
    std::filesystem::remove_all(folder);
    const auto ratio = median(copies) / median(inserts);
    std::printf("insert() reaches %.2f of COPY's rows a second; at least %.1f is asked\n", ratio, asked);
    return ratio >= asked ? 0 : 1;
}
