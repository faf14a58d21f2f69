#include "routing/LeaseGate.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace playhouse::host;

namespace {

std::chrono::steady_clock::time_point soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

}  // namespace

class LeaseGateTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LeaseGateTest);
    CPPUNIT_TEST(openGateLetsEveryoneEnter);
    CPPUNIT_TEST(closedGateLetsNobodyEnter);
    CPPUNIT_TEST(heldGateParksAndResumesOnOpening);
    CPPUNIT_TEST(closingResumesTheParkedToo);
    CPPUNIT_TEST(parkingIsBounded);
    CPPUNIT_TEST(parkingAtAnOpenGateAsksToTryAgain);
    CPPUNIT_TEST(waitingEndsWithTheLastLease);
    CPPUNIT_TEST(waitingGivesUpAtItsDeadline);
    CPPUNIT_TEST(secondLeaseKeepsTheGateBusy);
    CPPUNIT_TEST(nobodyIsInsideOnceAClosedGateIsIdle);
    CPPUNIT_TEST_SUITE_END();

    void openGateLetsEveryoneEnter() {
        const auto gate = LeaseGate::make();
        const auto one = gate->enter();
        const auto two = gate->enter();
        CPPUNIT_ASSERT(one && two);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, gate->leases());
    }

    void closedGateLetsNobodyEnter() {
        const auto gate = LeaseGate::make();
        gate->close();
        CPPUNIT_ASSERT(!gate->enter());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, gate->leases());
    }

    void heldGateParksAndResumesOnOpening() {
        const auto gate = LeaseGate::make();
        gate->hold();
        CPPUNIT_ASSERT(!gate->enter());
        int resumed = 0;
        CPPUNIT_ASSERT(gate->park([&] { ++resumed; }) == LeaseGate::Parking::Parked);
        CPPUNIT_ASSERT_EQUAL(0, resumed);
        gate->open();
        CPPUNIT_ASSERT_EQUAL(1, resumed);
        CPPUNIT_ASSERT(gate->enter());
    }

    void closingResumesTheParkedToo() {
        const auto gate = LeaseGate::make();
        gate->hold();
        int resumed = 0;
        CPPUNIT_ASSERT(gate->park([&] { ++resumed; }) == LeaseGate::Parking::Parked);
        gate->close();
        CPPUNIT_ASSERT_EQUAL(1, resumed);
        CPPUNIT_ASSERT(!gate->enter());
    }

    void parkingIsBounded() {
        const auto gate = LeaseGate::make(1);
        gate->hold();
        CPPUNIT_ASSERT(gate->park([] {}) == LeaseGate::Parking::Parked);
        CPPUNIT_ASSERT(gate->park([] {}) == LeaseGate::Parking::Full);
        gate->open();
    }

    void parkingAtAnOpenGateAsksToTryAgain() {
        const auto gate = LeaseGate::make();
        CPPUNIT_ASSERT(gate->park([] {}) == LeaseGate::Parking::NotHeld);
        gate->close();
        CPPUNIT_ASSERT(gate->park([] {}) == LeaseGate::Parking::NotHeld);
    }

    void waitingEndsWithTheLastLease() {
        const auto gate = LeaseGate::make();
        auto lease = gate->enter();
        gate->close();
        std::thread leaver([moved = std::move(lease)]() mutable { moved.release(); });
        CPPUNIT_ASSERT(gate->waitUntilIdle(soon()));
        leaver.join();
    }

    void waitingGivesUpAtItsDeadline() {
        const auto gate = LeaseGate::make();
        const auto lease = gate->enter();
        gate->close();
        CPPUNIT_ASSERT(!gate->waitUntilIdle(std::chrono::steady_clock::now()));
    }

    void secondLeaseKeepsTheGateBusy() {
        const auto gate = LeaseGate::make();
        auto one = gate->enter();
        gate->close();
        auto two = one.another();
        one.release();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, gate->leases());
        two.release();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, gate->leases());
    }

    void nobodyIsInsideOnceAClosedGateIsIdle() {
        for (int round = 0; round < 50; ++round) {
            const auto gate = LeaseGate::make();
            std::atomic<bool> unloaded{false};
            std::atomic<int> enteredAfterwards{0};
            std::vector<std::thread> visitors;
            for (int visitor = 0; visitor < 3; ++visitor)
                visitors.emplace_back([&] {
                    while (true) {
                        const auto lease = gate->enter();
                        if (!lease) return;
                        if (unloaded) ++enteredAfterwards;
                    }
                });
            gate->close();
            CPPUNIT_ASSERT(gate->waitUntilIdle(soon()));
            unloaded = true;
            for (auto& visitor : visitors) visitor.join();
            CPPUNIT_ASSERT_EQUAL(0, enteredAfterwards.load());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LeaseGateTest);
