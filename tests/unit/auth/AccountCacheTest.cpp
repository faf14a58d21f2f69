#include "AccountCache.h"
#include "AccountHome.h"

#include <playhouse/testing/FakeBus.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <utility>

using namespace playhouse;
using namespace playhouse::auth;
using namespace playhouse::tests;
using namespace std::chrono_literals;

namespace {

/// A database where something happens right after the answer has been read, before who asked has it.
class InterruptedDatabase final : public Database {
public:
    explicit InterruptedDatabase(Database& database) : database_(database) {}

    SqlDialect dialect() const noexcept override { return database_.dialect(); }

    /// Once.
    std::function<void()> interruption;

protected:
    void run(Mode mode, const std::function<void(SqlSession&)>& work) override {
        if (mode == Mode::Transaction)
            database_.transaction([&](SqlSession& session) { work(session); });
        else
            database_.use([&](SqlSession& session) { work(session); });
        if (const auto interrupt = std::exchange(interruption, nullptr)) interrupt();
    }

private:
    Database& database_;
};

}  // namespace

/// What was read is shown again for a while, and never after a change that this host knows of.
class AccountCacheTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccountCacheTest);
    CPPUNIT_TEST(whatWasReadIsAtHandForItsLifetime);
    CPPUNIT_TEST(aChangeIsSeenAtOnceAndToldToOthers);
    CPPUNIT_TEST(whatOthersChangeIsReadAgain);
    CPPUNIT_TEST(afterAGapEverythingIsReadAgain);
    CPPUNIT_TEST(whatWasReadBeforeAChangeIsNotKeptAfterIt);
    CPPUNIT_TEST(whoDoesNotExistIsAskedForEachTime);
    CPPUNIT_TEST(theOneAskedForLongestAgoGoesFirst);
    CPPUNIT_TEST(withoutLifetimeNothingIsKept);
    CPPUNIT_TEST_SUITE_END();

    SqliteAccounts home_;
    InterruptedDatabase database_{home_.database()};
    AccountStore store_{database_};
    playhouse::testing::FakeBus bus_;
    playhouse::testing::FakeClock clock_;

    AccountCache& cacheOf(AccountCache::Settings settings) {
        cache_ = std::make_unique<AccountCache>(store_, bus_, clock_, settings);
        store_.onChange([this](std::string_view id) { cache_->changed(id); });
        return *cache_;
    }

    std::string create(const std::string& name) {
        const auto account = accountNamed(name);
        store_.create(account);
        return account.id;
    }

    /// As another host does it, or a human with psql: without a word to this one.
    void rename(const std::string& id, const std::string& name) {
        home_.database().use([&](SqlSession& session) {
            session.run("UPDATE users SET username = $1 WHERE id = $2", {name, id});
        });
    }

    static std::string nameOf(const std::shared_ptr<const Account>& account) {
        return account ? account->username : "nobody";
    }

    std::unique_ptr<AccountCache> cache_;

public:
    void whatWasReadIsAtHandForItsLifetime() {
        auto& cache = cacheOf({.most = 10, .lifetime = 5s});
        const auto id = create("ann");
        CPPUNIT_ASSERT(!cache.atHand(id));
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), nameOf(cache.find(id)));
        rename(id, "anna");
        clock_.advance(4999ms);
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), nameOf(cache.atHand(id)));
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), nameOf(cache.find(id)));
        clock_.advance(1ms);
        CPPUNIT_ASSERT(!cache.atHand(id));
        CPPUNIT_ASSERT_EQUAL(std::string("anna"), nameOf(cache.find(id)));
    }

    void aChangeIsSeenAtOnceAndToldToOthers() {
        auto& cache = cacheOf({});
        const auto id = create("ann");
        create("root");
        cache.find(id);
        store_.change(id, {.username = "anna"});
        CPPUNIT_ASSERT(!cache.atHand(id));
        CPPUNIT_ASSERT_EQUAL(std::string("anna"), nameOf(cache.find(id)));
        store_.suspend(id, clock_.now(), "spam");
        CPPUNIT_ASSERT(cache.find(id)->isSuspended());
        store_.remove(id);
        CPPUNIT_ASSERT(!cache.find(id));
        const auto told = bus_.published();
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, told.size());
        for (const auto& message : told) {
            CPPUNIT_ASSERT_EQUAL(std::string("auth.account-changed"), message.topic);
            CPPUNIT_ASSERT_EQUAL(id, message.payload);
        }
        store_.change(uuidText(), {.username = "nobody"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE("nothing has changed", std::size_t{3}, bus_.published().size());
    }

    void whatOthersChangeIsReadAgain() {
        auto& cache = cacheOf({});
        const auto ann = create("ann");
        const auto bob = create("bob");
        cache.find(ann);
        cache.find(bob);
        rename(ann, "anna");
        bus_.arrive("auth.account-changed", ann);
        bus_.arrive("auth.account-changed", "no id at all");
        CPPUNIT_ASSERT_EQUAL(std::string("anna"), nameOf(cache.find(ann)));
        CPPUNIT_ASSERT_EQUAL(std::string("bob"), nameOf(cache.atHand(bob)));
    }

    void afterAGapEverythingIsReadAgain() {
        auto& cache = cacheOf({});
        const auto id = create("ann");
        cache.find(id);
        rename(id, "anna");
        bus_.tellGap();
        CPPUNIT_ASSERT(!cache.atHand(id));
        CPPUNIT_ASSERT_EQUAL(std::string("anna"), nameOf(cache.find(id)));
    }

    void whatWasReadBeforeAChangeIsNotKeptAfterIt() {
        auto& cache = cacheOf({});
        const auto id = create("ann");
        database_.interruption = [&] { store_.change(id, {.username = "anna"}); };
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), nameOf(cache.find(id)));
        CPPUNIT_ASSERT(!cache.atHand(id));
        CPPUNIT_ASSERT_EQUAL(std::string("anna"), nameOf(cache.find(id)));
        CPPUNIT_ASSERT_EQUAL(std::string("anna"), nameOf(cache.atHand(id)));
    }

    void whoDoesNotExistIsAskedForEachTime() {
        auto& cache = cacheOf({});
        auto account = accountNamed("ann");
        CPPUNIT_ASSERT(!cache.find(account.id));
        store_.create(account);
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), nameOf(cache.find(account.id)));
    }

    void theOneAskedForLongestAgoGoesFirst() {
        auto& cache = cacheOf({.most = 2, .lifetime = 5s});
        const auto ann = create("ann");
        const auto bob = create("bob");
        const auto cat = create("cat");
        cache.find(ann);
        cache.find(bob);
        cache.atHand(ann);
        cache.find(cat);
        CPPUNIT_ASSERT(cache.atHand(ann) && !cache.atHand(bob) && cache.atHand(cat));
    }

    void withoutLifetimeNothingIsKept() {
        auto& cache = cacheOf({.most = 10, .lifetime = 0s});
        const auto id = create("ann");
        cache.find(id);
        CPPUNIT_ASSERT(!cache.atHand(id));
        store_.change(id, {.username = "anna"});
        CPPUNIT_ASSERT_EQUAL(std::string("anna"), nameOf(cache.find(id)));
        CPPUNIT_ASSERT(bus_.published().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccountCacheTest);
