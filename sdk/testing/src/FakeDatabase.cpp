#include <playhouse/testing/FakeDatabase.h>

#include <playhouse/ApiError.h>

#include <SqliteStatements.h>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace playhouse {

/// Made of sdk/sql/migrations.
extern const EmbeddedMigrations platformMigrations;

namespace testing {
namespace {

Poco::Data::Session openInMemory() {
    Poco::Data::SQLite::Connector::registerConnector();
    return {Poco::Data::SQLite::Connector::KEY, ":memory:"};
}

}  // namespace

class FakeDatabase::Session final : public SqlSession {
public:
    Session() : session_(openInMemory()), statements_(Poco::Data::SQLite::Utility::dbHandle(session_)) {
        statements_.runScript("PRAGMA foreign_keys = ON");
    }

    SqlDialect dialect() const noexcept override { return SqlDialect::SQLite; }

    SqlResult run(std::string_view sql, std::span<const SqlValue> parameters) override {
        return remembered([&] { return statements_.run(sql, parameters); });
    }

    void insert(std::string_view table, std::span<const std::string> columns,
                std::span<const std::vector<SqlValue>> rows) override {
        remembered([&] {
            statements_.runScript("SAVEPOINT playhouse_insert");
            try {
                statements_.insert(table, columns, rows);
            } catch (...) {
                statements_.runScript("ROLLBACK TO playhouse_insert; RELEASE playhouse_insert");
                throw;
            }
            statements_.runScript("RELEASE playhouse_insert");
        });
    }

    Poco::Data::Session& session() noexcept override { return session_; }

    void runScript(const std::string& sql) { statements_.runScript(sql); }

    void begin() {
        runScript("BEGIN IMMEDIATE");
        inTransaction_ = true;
    }

    /// Throws when a statement since begin() has failed, whatever the work has made of that.
    void commit() {
        if (failure_) std::rethrow_exception(failure_);
        runScript("COMMIT");
        inTransaction_ = false;
    }

    void rollback() noexcept {
        inTransaction_ = false;
        // What others hold of it is theirs: the next to come must not be the one who ends it.
        failure_ = nullptr;
        try {
            runScript("ROLLBACK");
        } catch (const std::exception&) {
            // Some errors end a transaction by themselves.
            return;
        }
    }

private:
    template <class Step>
    auto remembered(const Step& step) -> decltype(step()) {
        try {
            return step();
        } catch (...) {
            if (inTransaction_ && !failure_) failure_ = std::current_exception();
            throw;
        }
    }

    Poco::Data::Session session_;
    sql::SqliteStatements statements_;
    std::exception_ptr failure_;
    bool inTransaction_ = false;
};

struct FakeDatabase::State {
    std::mutex mutex;
    std::atomic<std::thread::id> worker{};
    bool isReachable = true;
    Session session;
    std::set<std::string> migrated;
};

FakeDatabase::FakeDatabase() : state_(std::make_shared<State>()) {
    migrate(&platformMigrations);
}

FakeDatabase::~FakeDatabase() = default;

void FakeDatabase::migrate(const EmbeddedMigrations* all) {
    if (all == nullptr) return;
    const std::lock_guard lock(state_->mutex);
    std::map<std::string, std::string> ordered;
    for (std::size_t index = 0; index < all->count; ++index)
        ordered.emplace(all->list[index].name, std::string(all->list[index].text, all->list[index].size));
    for (const auto& [name, text] : ordered) {
        if (name.ends_with(".postgresql.sql") || !state_->migrated.insert(name + "\n" + text).second) continue;
        try {
            state_->session.runScript(text);
        } catch (const std::exception& problem) {
            throw std::runtime_error("the migration " + name + " failed: " + problem.what());
        }
    }
}

void FakeDatabase::runScript(const std::string& sql) {
    const std::lock_guard lock(state_->mutex);
    state_->session.runScript(sql);
}

void FakeDatabase::setReachable(bool reachable) {
    const std::lock_guard lock(state_->mutex);
    state_->isReachable = reachable;
}

void FakeDatabase::share(const FakeDatabase& other) {
    state_ = other.state_;
}

void FakeDatabase::run(Mode mode, const std::function<void(SqlSession&)>& work) {
    const auto state = state_;
    if (state->worker == std::this_thread::get_id())
        throw std::logic_error(
            "the database was asked for from within its own work; use the session that the work was given");
    const std::lock_guard lock(state->mutex);
    if (!state->isReachable) throw ApiError(503, "DATABASE_UNAVAILABLE", "The database cannot be reached.");
    state->worker = std::this_thread::get_id();
    try {
        if (mode == Mode::Transaction) state->session.begin();
        work(state->session);
        if (mode == Mode::Transaction) state->session.commit();
    } catch (...) {
        if (mode == Mode::Transaction) state->session.rollback();
        state->worker = std::thread::id();
        throw;
    }
    state->worker = std::thread::id();
}

}  // namespace testing
}  // namespace playhouse
