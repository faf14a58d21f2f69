#include "edge/Admission.h"

#include <cppunit/extensions/HelperMacros.h>

#include <thread>
#include <vector>

using namespace playhouse::host;
using boost::asio::ip::make_address;
using Verdict = Admission::Verdict;

namespace CppUnit {
template <>
struct assertion_traits<Verdict> {
    static bool equal(Verdict left, Verdict right) { return left == right; }
    static std::string toString(Verdict verdict) { return std::to_string(static_cast<int>(verdict)); }
};
}  // namespace CppUnit

class AdmissionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AdmissionTest);
    CPPUNIT_TEST(limitsConnectionsInAll);
    CPPUNIT_TEST(limitsConnectionsOfAnAddress);
    CPPUNIT_TEST(countsAnIpv6ClientByItsNetwork);
    CPPUNIT_TEST(countsAnIpv4ClientAlikeInIpv6);
    CPPUNIT_TEST(zeroAllowsAnAddressAny);
    CPPUNIT_TEST(doesNotCountTheAddressesOfProxies);
    CPPUNIT_TEST(forgetsAddressesWithoutConnections);
    CPPUNIT_TEST(keepsPlacesToTellWhy);
    CPPUNIT_TEST(limitsRequestsInWork);
    CPPUNIT_TEST(isSafeFromAnyThread);
    CPPUNIT_TEST_SUITE_END();

    const boost::asio::ip::address one_ = make_address("192.0.2.1");
    const boost::asio::ip::address other_ = make_address("192.0.2.2");
    Admission admission_;

public:
    void limitsConnectionsInAll() {
        const Admission::ConnectionLimits limits{2, 0};
        std::vector<Admission::Seat> seats;
        for (int count = 0; count < 2; ++count) {
            auto place = admission_.enter(one_, limits);
            CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, place.verdict);
            seats.push_back(place.seat);
        }
        for (std::size_t count = 0; count < Admission::reserveSize; ++count) {
            auto place = admission_.enter(other_, limits);
            CPPUNIT_ASSERT_EQUAL(Verdict::Reserve, place.verdict);
            seats.push_back(place.seat);
        }
        const auto refused = admission_.enter(other_, limits);
        CPPUNIT_ASSERT_EQUAL(Verdict::ServerIsFull, refused.verdict);
        CPPUNIT_ASSERT(!refused.seat);
        seats.erase(seats.begin());
        CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, admission_.enter(other_, limits).verdict);
        seats.clear();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, admission_.addresses());
    }

    void limitsConnectionsOfAnAddress() {
        const Admission::ConnectionLimits limits{100, 2};
        const auto first = admission_.enter(one_, limits);
        auto second = admission_.enter(one_, limits);
        CPPUNIT_ASSERT_EQUAL(Verdict::AddressIsFull, admission_.enter(one_, limits).verdict);
        CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, admission_.enter(other_, limits).verdict);
        second.seat.reset();
        CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, admission_.enter(one_, limits).verdict);
    }

    void countsAnIpv6ClientByItsNetwork() {
        const Admission::ConnectionLimits limits{100, 1};
        const auto first = admission_.enter(make_address("2001:db8:0:1::1"), limits);
        CPPUNIT_ASSERT_EQUAL(Verdict::AddressIsFull,
                             admission_.enter(make_address("2001:db8:0:1:ffff::2"), limits).verdict);
        CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, admission_.enter(make_address("2001:db8:0:2::1"), limits).verdict);
    }

    void countsAnIpv4ClientAlikeInIpv6() {
        const Admission::ConnectionLimits limits{100, 1};
        const auto first = admission_.enter(one_, limits);
        CPPUNIT_ASSERT_EQUAL(Verdict::AddressIsFull,
                             admission_.enter(make_address("::ffff:192.0.2.1"), limits).verdict);
        CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, admission_.enter(make_address("::ffff:192.0.2.2"), limits).verdict);
        CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, admission_.enter(make_address("::1"), limits).verdict);
    }

    void zeroAllowsAnAddressAny() {
        std::vector<Admission::Place> places;
        for (int count = 0; count < 50; ++count) {
            places.push_back(admission_.enter(one_, {100, 0}));
            CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, places.back().verdict);
        }
        // A limit that comes later counts those that are there.
        CPPUNIT_ASSERT_EQUAL(Verdict::AddressIsFull, admission_.enter(one_, {100, 50}).verdict);
    }

    void doesNotCountTheAddressesOfProxies() {
        const Admission::ConnectionLimits limits{3, 1};
        std::vector<Admission::Place> places;
        for (int count = 0; count < 3; ++count) {
            places.push_back(admission_.enterUncounted(limits));
            CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, places.back().verdict);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, admission_.addresses());
        CPPUNIT_ASSERT_EQUAL(Verdict::Reserve, admission_.enterUncounted(limits).verdict);
    }

    void forgetsAddressesWithoutConnections() {
        const Admission::ConnectionLimits full{0, 1};
        for (unsigned client = 0; client < 1000; ++client)
            static_cast<void>(admission_.enter(boost::asio::ip::make_address_v4(client), full));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, admission_.addresses());
        const auto seat = admission_.enter(one_, {1, 1}).seat;
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, admission_.addresses());
    }

    void keepsPlacesToTellWhy() {
        std::vector<Admission::Seat> seats;
        for (std::size_t count = 0; count < Admission::mostTurnedAway; ++count) {
            seats.push_back(admission_.turnAway());
            CPPUNIT_ASSERT(seats.back());
        }
        CPPUNIT_ASSERT(!admission_.turnAway());
        seats.pop_back();
        CPPUNIT_ASSERT(admission_.turnAway());
    }

    void limitsRequestsInWork() {
        CPPUNIT_ASSERT(admission_.beginRequest(2));
        CPPUNIT_ASSERT(admission_.beginRequest(2));
        CPPUNIT_ASSERT(!admission_.beginRequest(2));
        admission_.endRequest();
        CPPUNIT_ASSERT(admission_.beginRequest(2));
    }

    void isSafeFromAnyThread() {
        std::vector<std::thread> threads;
        for (int index = 0; index < 4; ++index)
            threads.emplace_back([this, index] {
                for (int round = 0; round < 2000; ++round) {
                    const auto place = admission_.enter(index % 2 ? one_ : other_, {3, 2});
                    const auto seat = admission_.turnAway();
                    if (admission_.beginRequest(3)) admission_.endRequest();
                }
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, admission_.addresses());
        CPPUNIT_ASSERT_EQUAL(Verdict::Admitted, admission_.enter(one_, {1, 1}).verdict);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AdmissionTest);
