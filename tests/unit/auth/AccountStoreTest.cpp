#include "AccountHome.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

using namespace playhouse;
using namespace playhouse::auth;
using namespace playhouse::tests;

/// Accounts are unique, whole, and one of them can always administer.
template <class Home>
class AccountStoreTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccountStoreTest);
    CPPUNIT_TEST(sqlInEveryFieldStaysText);
    CPPUNIT_TEST(anAddressIsTakenInWhateverCase);
    CPPUNIT_TEST(oneOfEightGetsAnAddress);
    CPPUNIT_TEST(theLastAdministratorStays);
    CPPUNIT_TEST(aPasswordIsChangedOnlyFromTheOneThatWasCompared);
    CPPUNIT_TEST(allOrNoneAreCreated);
    CPPUNIT_TEST(twoAdministratorsWhoDemoteEachOtherLeaveOne);
    CPPUNIT_TEST(aListIsPagedTheNewestFirst);
    CPPUNIT_TEST(signsOfLikeMeanThemselves);
    CPPUNIT_TEST_SUITE_END();

    Home home_;

public:
    void sqlInEveryFieldStaysText() {
        AccountStore store(home_.database());
        auto account = accountNamed("ann");
        account.username = "x'); DROP TABLE users; --";
        account.passwordHash = "$1 \" ' \\";
        account.tier = "' OR 1=1 --";
        store.create(account);
        store.suspend(account.id, account.createdAt, "'; DELETE FROM users; --");
        const auto found = store.findByEmail("ann@example.org");
        CPPUNIT_ASSERT(found && found->username == account.username && found->tier == account.tier);
        CPPUNIT_ASSERT_EQUAL(account.passwordHash, found->passwordHash);
        CPPUNIT_ASSERT_EQUAL(std::string("'; DELETE FROM users; --"), found->suspensionReason);
        CPPUNIT_ASSERT(!store.findByEmail("' OR '1'='1") && !store.findById("' OR '1'='1"));
    }

    void anAddressIsTakenInWhateverCase() {
        AccountStore store(home_.database());
        store.create(accountNamed("ann"));
        auto other = accountNamed("bob");
        other.email = "ANN@Example.org";
        CPPUNIT_ASSERT_EQUAL(std::string("409 EMAIL_TAKEN"), codeOf([&] { store.create(other); }));
        CPPUNIT_ASSERT(!store.findById(other.id));
        other.email = "bob@example.org";
        other.username = "ANN";
        CPPUNIT_ASSERT_EQUAL(std::string("409 USERNAME_TAKEN"), codeOf([&] { store.create(other); }));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store.list({}).total);
    }

    void oneOfEightGetsAnAddress() {
        AccountStore store(home_.database());
        const auto codes = codesOfEight([&] {
            auto account = accountNamed("ann");
            account.username = uuidText();
            store.create(account);
        });
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1}, std::ranges::count(codes, "none"));
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{7}, std::ranges::count(codes, "409 EMAIL_TAKEN"));
    }

    void theLastAdministratorStays() {
        AccountStore store(home_.database());
        auto admin = accountNamed("ann");
        admin.role = Role::Admin;
        store.create(admin);
        const std::string refusal = "409 LAST_ADMIN";
        CPPUNIT_ASSERT_EQUAL(refusal, codeOf([&] { store.remove(admin.id); }));
        CPPUNIT_ASSERT_EQUAL(refusal, codeOf([&] { store.suspend(admin.id, admin.createdAt, "no"); }));
        CPPUNIT_ASSERT_EQUAL(refusal, codeOf([&] { store.change(admin.id, {.role = Role::Viewer}); }));
        auto second = accountNamed("bob");
        second.role = Role::Admin;
        store.create(second);
        CPPUNIT_ASSERT(store.remove(admin.id) && !store.remove(admin.id));
    }

    void aPasswordIsChangedOnlyFromTheOneThatWasCompared() {
        AccountStore store(home_.database());
        const auto ann = accountNamed("ann");
        store.create(ann);
        CPPUNIT_ASSERT(!store.change(ann.id, {.passwordHash = "stolen", .ifPasswordHash = "another"}));
        CPPUNIT_ASSERT_EQUAL(std::string("hash"), store.findById(ann.id)->passwordHash);
        CPPUNIT_ASSERT(store.change(ann.id, {.passwordHash = "next", .ifPasswordHash = "hash"}));
        CPPUNIT_ASSERT_EQUAL(std::string("next"), store.findById(ann.id)->passwordHash);
    }

    void allOrNoneAreCreated() {
        AccountStore store(home_.database());
        store.create(accountNamed("cat"));
        const std::vector<Account> three{accountNamed("ann"), accountNamed("bob"), accountNamed("cat")};
        // Which of the two is told first is the database's choice.
        CPPUNIT_ASSERT(codeOf([&] { store.createAll(three, [] {}); }).starts_with("409 "));
        CPPUNIT_ASSERT(!store.findById(three[0].id));
        const std::vector<Account> two{three[0], three[1]};
        CPPUNIT_ASSERT_EQUAL(std::string("507 FULL"),
                             codeOf([&] { store.createAll(two, [] { throw ApiError(507, "FULL", ""); }); }));
        CPPUNIT_ASSERT(!store.findById(two[1].id));
        store.createAll(two, [] {});
        CPPUNIT_ASSERT(store.findById(two[0].id) && store.findById(two[1].id));
    }

    void twoAdministratorsWhoDemoteEachOtherLeaveOne() {
        AccountStore store(home_.database());
        std::vector<Account> admins{accountNamed("ann"), accountNamed("bob")};
        for (auto& admin : admins) {
            admin.role = Role::Admin;
            store.create(admin);
        }
        std::atomic<std::size_t> turn{0};
        const auto codes = codesOfEight([&] { store.change(admins[turn++ % 2].id, {.role = Role::Viewer}); });
        CPPUNIT_ASSERT(std::ranges::count(codes, std::string("409 LAST_ADMIN")) > 0);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store.list({.role = Role::Admin}).total);
    }

    void aListIsPagedTheNewestFirst() {
        AccountStore store(home_.database());
        for (int number = 0; number < 5; ++number) {
            auto account = accountNamed("name" + std::to_string(number));
            account.createdAt += std::chrono::hours(number);
            store.create(account);
        }
        std::string names;
        for (std::uint32_t offset = 0; offset < 6; offset += 2) {
            const auto page = store.list({.search = "NAME", .offset = offset, .limit = 2});
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{5}, page.total);
            for (const auto& account : page.accounts) names += account.username + " ";
        }
        CPPUNIT_ASSERT_EQUAL(std::string("name4 name3 name2 name1 name0 "), names);
        CPPUNIT_ASSERT(store.list({.offset = 5}).accounts.empty());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store.list({.tier = "gold"}).total);
    }

    void signsOfLikeMeanThemselves() {
        AccountStore store(home_.database());
        for (const auto* name : {"a_b", "axb", "a!b"}) store.create(accountNamed(name));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store.list({.search = "A_B"}).total);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store.list({.search = "a!b"}).total);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store.list({.search = "%"}).total);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, store.list({.role = Role::Viewer, .isSuspended = false}).total);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store.list({.isSuspended = true}).total);
    }
};

using SqliteAccountStoreTest = AccountStoreTest<SqliteAccounts>;
using PostgresAccountStoreTest = AccountStoreTest<PostgresAccounts>;
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteAccountStoreTest);
CPPUNIT_TEST_SUITE_REGISTRATION(PostgresAccountStoreTest);
