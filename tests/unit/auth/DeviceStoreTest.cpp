#include "AccountHome.h"
#include "DeviceStore.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

using namespace playhouse;
using namespace playhouse::auth;
using namespace playhouse::tests;

/// Nobody has more devices than the subscription allows, or another's.
template <class Home>
class DeviceStoreTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DeviceStoreTest);
    CPPUNIT_TEST(noMoreThanTheLimitHoweverManyAskAtOnce);
    CPPUNIT_TEST(devicesOfOthersAreNotThere);
    CPPUNIT_TEST_SUITE_END();

    Home home_;
    testing::FakeClock clock_;

public:
    void noMoreThanTheLimitHoweverManyAskAtOnce() {
        // Again and again: the first time the connections are still being made, one after the other.
        DeviceStore store(home_.database(), clock_);
        for (int round = 0; round < 8; ++round) {
            const auto user = accountNamed("ann" + std::to_string(round));
            AccountStore(home_.database()).create(user);
            const auto codes = codesOfEight([&] { store.add(user.id, "'; --", "tv", 3); });
            CPPUNIT_ASSERT_EQUAL(std::size_t{3}, store.of(user.id).size());
            CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{3}, std::ranges::count(codes, "none"));
            CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{5}, std::ranges::count(codes, "409 DEVICE_LIMIT"));
        }
    }

    void devicesOfOthersAreNotThere() {
        const auto ann = accountNamed("ann");
        const auto bob = accountNamed("bob");
        AccountStore accounts(home_.database());
        accounts.create(ann);
        accounts.create(bob);
        DeviceStore store(home_.database(), clock_);
        const auto device = store.add(ann.id, "Living room", "tv", 1);
        CPPUNIT_ASSERT(!store.touch(bob.id, device.id) && !store.remove(bob.id, device.id));
        CPPUNIT_ASSERT(store.touch(ann.id, device.id) && store.remove(ann.id, device.id));
        CPPUNIT_ASSERT(store.of(ann.id).empty() && !store.remove(ann.id, "no id"));
    }
};

using SqliteDeviceStoreTest = DeviceStoreTest<SqliteAccounts>;
using PostgresDeviceStoreTest = DeviceStoreTest<PostgresAccounts>;
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteDeviceStoreTest);
CPPUNIT_TEST_SUITE_REGISTRATION(PostgresDeviceStoreTest);
