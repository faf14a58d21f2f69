#include "DatabaseHome.h"

#include "platform/database/ConnectionPool.h"
#include "platform/database/DatabaseErrors.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

using namespace playhouse;
using namespace playhouse::host;
using namespace playhouse::tests;

namespace {

using Steady = std::chrono::steady_clock;
using Silence = DatabaseConnection::Silence;

/// A server of which a test says what it does.
struct Server {
    enum class Mode { Serves, Refuses, Hangs };

    void become(Mode next) {
        const std::lock_guard lock(mutex);
        mode = next;
        changed.notify_all();
    }

    std::mutex mutex;
    std::condition_variable changed;
    Mode mode = Mode::Serves;
    int trying = 0;  ///< connections that it leaves without an answer
};

class Connection final : public DatabaseConnection {
public:
    explicit Connection(std::shared_ptr<std::atomic<int>> open) : open_(std::move(open)) { ++*open_; }
    ~Connection() override { --*open_; }

    void breakAfter(Silence silence) {
        isUsable_ = false;
        silence_ = silence;
    }

    SqlResult run(std::string_view, std::span<const SqlValue>, Deadline) override { return {}; }
    void insert(std::string_view, std::span<const std::string>, std::span<const std::vector<SqlValue>>,
                std::chrono::milliseconds) override {}
    void runScript(const std::string&, Deadline) override {}
    void begin(Deadline) override {}
    void commit(Deadline) override {}
    void rollback() noexcept override {}
    bool inTransaction() const noexcept override { return false; }
    bool conflicted() const noexcept override { return false; }
    Silence silence() const noexcept override { return silence_; }
    bool isUsable() noexcept override { return isUsable_; }
    void allow(std::chrono::milliseconds) override { isUsable_ = false; }
    void breakOff() noexcept override { isBrokenOff_ = true; }
    bool isBrokenOff() const { return isBrokenOff_; }
    Poco::Data::Session& session() noexcept override { std::terminate(); }

private:
    std::shared_ptr<std::atomic<int>> open_;
    bool isUsable_ = true;
    std::atomic<bool> isBrokenOff_{false};
    Silence silence_ = Silence::None;
};

class Connector final : public DatabaseConnector {
public:
    Connector(Server& server, std::shared_ptr<std::atomic<int>> open) : server_(server), open_(std::move(open)) {}

    std::unique_ptr<DatabaseConnection> connect() override {
        std::unique_lock lock(server_.mutex);
        ++server_.trying;
        server_.changed.wait(lock, [&] { return server_.mode != Server::Mode::Hangs; });
        --server_.trying;
        if (server_.mode == Server::Mode::Refuses) throw ConnectionRefused("it refuses");
        return std::make_unique<Connection>(open_);
    }

private:
    Server& server_;
    std::shared_ptr<std::atomic<int>> open_;
};

}  // namespace

/// Nobody waits for a database that is known not to answer, and one that answers is not said to be away.
class ConnectionPoolTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConnectionPoolTest);
    CPPUNIT_TEST(whoComesAfterAHangIsToldAtOnce);
    CPPUNIT_TEST(afterAHangNoIdleConnectionIsTried);
    CPPUNIT_TEST(whatIsLateIsBrokenOffWhileAnotherIsTried);
    CPPUNIT_TEST(whoWaitedInVainSparesTheOthers);
    CPPUNIT_TEST(aLateAnswerBesideOthersIsNoHang);
    CPPUNIT_TEST(oneThatAnswersEndsTheOutage);
    CPPUNIT_TEST(aRefusalBesideAConnectionInUseIsNoOutage);
    CPPUNIT_TEST(aRefusalBesideAMigrationIsAnOutage);
    CPPUNIT_TEST(theEndOfTheLastConnectionIsMissed);
    CPPUNIT_TEST_SUITE_END();

    using Mode = Server::Mode;
    static constexpr std::size_t most = 2;

    Server server_;
    std::shared_ptr<std::atomic<int>> open_;
    std::unique_ptr<ConnectionPool> pool_;

    static DatabaseConnection::Deadline soon() { return Steady::now() + std::chrono::seconds(60); }

    /// Lends all that there may be at once, and returns with so many idle.
    void fill() {
        const auto first = pool_->lend(soon());
        const auto second = pool_->lend(soon());
    }

    void lendAndBreak(Silence silence) {
        const auto loan = pool_->lend(soon());
        static_cast<Connection&>(*loan).breakAfter(silence);
    }

    void assertTrying() {
        CPPUNIT_ASSERT(eventually([&] {
            const std::lock_guard lock(server_.mutex);
            return server_.trying == 1;
        }));
    }

    void assertToldAtOnce() {
        const auto asked = Steady::now();
        CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_UNAVAILABLE"), answerOf([&] { pool_->lend(soon()); }));
        CPPUNIT_ASSERT(Steady::now() - asked < std::chrono::seconds(30));
    }

    void assertUsedAgain() {
        server_.become(Mode::Serves);
        CPPUNIT_ASSERT(eventually([&] { return pool_->state().isUp; }));
        pool_->lend(soon());
    }

public:
    void setUp() override {
        server_.become(Mode::Serves);
        open_ = std::make_shared<std::atomic<int>>(0);
        pool_ = std::make_unique<ConnectionPool>(std::make_unique<Connector>(server_, open_), most);
    }

    void tearDown() override {
        server_.become(Mode::Refuses);
        pool_.reset();
        CPPUNIT_ASSERT_EQUAL(0, open_->load());
    }

    void whoComesAfterAHangIsToldAtOnce() {
        pool_->lend(soon());
        server_.become(Mode::Hangs);
        lendAndBreak(Silence::Long);
        CPPUNIT_ASSERT(!pool_->state().isUp);
        // While a connection is tried, too.
        assertTrying();
        assertToldAtOnce();
        assertUsedAgain();
    }

    void afterAHangNoIdleConnectionIsTried() {
        fill();
        CPPUNIT_ASSERT_EQUAL(most, pool_->state().idle);
        server_.become(Mode::Hangs);
        lendAndBreak(Silence::Long);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, pool_->state().idle);
        assertToldAtOnce();
        assertUsedAgain();
    }

    void whatIsLateIsBrokenOffWhileAnotherIsTried() {
        auto loan = pool_->lend(soon());
        server_.become(Mode::Hangs);
        auto waiting = std::async(std::launch::async, [&] { pool_->lend(soon()); });
        assertTrying();
        loan.limit(Steady::now());
        const auto& late = static_cast<const Connection&>(*loan);
        CPPUNIT_ASSERT(eventually([&] { return late.isBrokenOff(); }));
        server_.become(Mode::Serves);
        waiting.get();
    }

    void whoWaitedInVainSparesTheOthers() {
        server_.become(Mode::Hangs);
        CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_UNAVAILABLE"),
                             answerOf([&] { pool_->lend(Steady::now() + std::chrono::milliseconds(20)); }));
        assertToldAtOnce();
        assertUsedAgain();
    }

    void aLateAnswerBesideOthersIsNoHang() {
        fill();
        lendAndBreak(Silence::Short);
        CPPUNIT_ASSERT(pool_->state().isUp);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, pool_->state().idle);
        server_.become(Mode::Hangs);
        lendAndBreak(Silence::Short);
        assertToldAtOnce();
    }

    void oneThatAnswersEndsTheOutage() {
        fill();
        {
            const auto older = pool_->lend(soon());
            server_.become(Mode::Refuses);
            lendAndBreak(Silence::Long);
        }
        // Nobody knows when that one was answered, but it may be tried.
        CPPUNIT_ASSERT(!pool_->state().isUp);
        pool_->lend(soon());
        CPPUNIT_ASSERT(pool_->state().isUp);
    }

    void aRefusalBesideAConnectionInUseIsNoOutage() {
        std::future<void> waiting;
        {
            const auto loan = pool_->lend(soon());
            server_.become(Mode::Refuses);
            waiting = std::async(std::launch::async, [&] { pool_->lend(soon()); });
            CPPUNIT_ASSERT(eventually([&] { return pool_->state().failed > 1; }));
            CPPUNIT_ASSERT(pool_->state().isUp);
        }
        // It gets the one that comes back.
        waiting.get();
        CPPUNIT_ASSERT(pool_->state().isUp);
    }

    void aRefusalBesideAMigrationIsAnOutage() {
        auto loan = pool_->lend(soon());
        loan.allow(std::chrono::minutes(1));
        server_.become(Mode::Refuses);
        assertToldAtOnce();
        CPPUNIT_ASSERT(!pool_->state().isUp);
    }

    void theEndOfTheLastConnectionIsMissed() {
        pool_->lend(soon());
        server_.become(Mode::Refuses);
        lendAndBreak(Silence::None);
        CPPUNIT_ASSERT(eventually([&] { return !pool_->state().isUp; }));
        assertUsedAgain();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConnectionPoolTest);
