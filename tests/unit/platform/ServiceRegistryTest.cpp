#include "platform/ServiceRegistry.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <future>

using namespace playhouse::host;

/// A service in use keeps its generation, and one being swapped is waited for.
class ServiceRegistryTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ServiceRegistryTest);
    CPPUNIT_TEST(aServiceInUseHoldsALease);
    CPPUNIT_TEST(oneIdBelongsToOnePlugin);
    CPPUNIT_TEST(aHeldServiceIsWaitedFor);
    CPPUNIT_TEST(waitingEndsWithPatience);
    CPPUNIT_TEST_SUITE_END();

    ServiceRegistry registry_;
    int first_ = 1;
    int second_ = 2;
    std::shared_ptr<LeaseGate> gate_ = LeaseGate::make();

public:
    void aServiceInUseHoldsALease() {
        registry_.replace("keys", gate_, {{"test/1", &first_}});
        auto used = registry_.use("test/1", {});
        CPPUNIT_ASSERT(used.get() == &first_);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, gate_->leases());
        used.reset();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, gate_->leases());
        CPPUNIT_ASSERT(!registry_.use("test/2", {}));
        registry_.replace("keys", nullptr, {});
        CPPUNIT_ASSERT(!registry_.use("test/1", {}));
    }

    void oneIdBelongsToOnePlugin() {
        registry_.replace("keys", gate_, {{"test/1", &first_}});
        const auto conflict = registry_.findConflict("rival", {{"test/0", &second_}, {"test/1", &second_}});
        CPPUNIT_ASSERT(conflict.has_value());
        CPPUNIT_ASSERT_EQUAL(std::string("keys"), conflict->pluginId);
        CPPUNIT_ASSERT_EQUAL(std::string("test/1"), conflict->serviceId);
        CPPUNIT_ASSERT(!registry_.findConflict("keys", {{"test/1", &second_}}).has_value());
    }

    void aHeldServiceIsWaitedFor() {
        registry_.replace("keys", gate_, {{"test/1", &first_}});
        gate_->hold();
        auto used = std::async(std::launch::async, [this] { return registry_.use("test/1", std::chrono::minutes(1)); });
        registry_.replace("keys", LeaseGate::make(), {{"test/1", &second_}});
        gate_->close();
        CPPUNIT_ASSERT(used.get().get() == &second_);
    }

    void waitingEndsWithPatience() {
        registry_.replace("keys", gate_, {{"test/1", &first_}});
        gate_->hold();
        CPPUNIT_ASSERT(!registry_.use("test/1", std::chrono::milliseconds(5)));
        gate_->open();
        CPPUNIT_ASSERT(registry_.use("test/1", {}).get() == &first_);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServiceRegistryTest);
