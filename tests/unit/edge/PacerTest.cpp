#include "edge/Pacer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <vector>

using namespace playhouse::host;
using namespace std::chrono_literals;

class PacerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PacerTest);
    CPPUNIT_TEST(beginsWithASmallBurst);
    CPPUNIT_TEST(keepsTheRateWhenAskedInTime);
    CPPUNIT_TEST(neverSpinsNorGivesLessThanAQuantum);
    CPPUNIT_TEST(makesUpForLateTimers);
    CPPUNIT_TEST(makesUpForOneLongDelay);
    CPPUNIT_TEST(neverGivesMoreAtOnceThanTheBucketHolds);
    CPPUNIT_TEST(forgetsWhatASlowClientDidNotTake);
    CPPUNIT_TEST(whatWasNotSentIsStillAllowed);
    CPPUNIT_TEST(takesAnyRate);
    CPPUNIT_TEST_SUITE_END();

    using Time = Pacer::Time;
    static constexpr Time start{};

    /// 100 kbit/s to 100 Mbit/s.
    const std::vector<std::uint64_t> rates_{12'500, 37'500, 125'000, 1'250'000, 12'500'000};

    static double seconds(Time::duration duration) { return std::chrono::duration<double>(duration).count(); }

    /// Sends all that is allowed, `lateness` after each time that was named. Returns what was sent by `end`.
    static std::uint64_t send(Pacer& pacer, Time::duration lateness, Time end) {
        std::uint64_t sent = 0;
        for (auto now = start; now <= end; now = pacer.nextTime() + lateness) {
            const auto allowed = pacer.allowance(now);
            pacer.spent(allowed);
            sent += allowed;
        }
        return sent;
    }

public:
    void beginsWithASmallBurst() {
        for (const auto rate : rates_) {
            Pacer pacer(rate, start);
            const auto first = pacer.allowance(start);
            CPPUNIT_ASSERT(first > 0);
            CPPUNIT_ASSERT(static_cast<double>(first) <= static_cast<double>(rate) * 0.025);
        }
    }

    void keepsTheRateWhenAskedInTime() {
        for (const auto rate : rates_) {
            Pacer pacer(rate, start);
            const auto expected = static_cast<double>(rate) * 5;
            const auto error = static_cast<double>(send(pacer, 0ms, start + 5s)) / expected - 1;
            CPPUNIT_ASSERT_DOUBLES_EQUAL(0, error, 0.006);
        }
    }

    void neverSpinsNorGivesLessThanAQuantum() {
        for (const auto rate : rates_) {
            Pacer pacer(rate, start);
            auto now = start;
            for (int round = 0; round < 1000; ++round) {
                const auto allowed = pacer.allowance(now);
                CPPUNIT_ASSERT(allowed > 0);
                pacer.spent(allowed);
                CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, pacer.allowance(now));
                const auto next = pacer.nextTime();
                CPPUNIT_ASSERT(next - now >= (round == 0 ? 9ms : 19ms));
                CPPUNIT_ASSERT(next - now <= 51ms);
                now = next;
            }
        }
    }

    void makesUpForLateTimers() {
        for (const auto rate : rates_) {
            for (const auto lateness : {Time::duration(3ms), Time::duration(20ms), Time::duration(70ms)}) {
                Pacer pacer(rate, start);
                const auto sent = static_cast<double>(send(pacer, lateness, start + 10s));
                // What is due between the last call and the end is still to come.
                const auto missing = seconds(lateness) + 0.05;
                const auto expected = static_cast<double>(rate) * 10;
                CPPUNIT_ASSERT(sent <= expected * 1.006);
                CPPUNIT_ASSERT(sent >= expected - static_cast<double>(rate) * (missing + 0.01));
            }
        }
    }

    void makesUpForOneLongDelay() {
        for (const auto rate : rates_) {
            Pacer pacer(rate, start);
            auto sent = send(pacer, 0ms, start + 1s);
            for (auto now = start + 1200ms; now <= start + 5s; now = pacer.nextTime()) {
                const auto allowed = pacer.allowance(now);
                pacer.spent(allowed);
                sent += allowed;
            }
            const auto error = static_cast<double>(sent) / (static_cast<double>(rate) * 5) - 1;
            CPPUNIT_ASSERT_DOUBLES_EQUAL(0, error, 0.011);
        }
    }

    void neverGivesMoreAtOnceThanTheBucketHolds() {
        for (const auto rate : rates_) {
            const auto perSecond = static_cast<double>(rate);
            Pacer pacer(rate, start);
            pacer.spent(pacer.allowance(start));
            auto now = start + 10s;
            const auto burst = pacer.allowance(now);
            CPPUNIT_ASSERT(static_cast<double>(burst) <= perSecond * 0.1 + 1);
            pacer.spent(burst);
            // The rest that is made up for comes at a peak rate, and ends.
            auto sent = static_cast<double>(burst);
            const auto begin = now;
            while (now < begin + 1s) {
                now = pacer.nextTime();
                const auto allowed = pacer.allowance(now);
                pacer.spent(allowed);
                sent += static_cast<double>(allowed);
                CPPUNIT_ASSERT(sent <= perSecond * (0.1 + 4 * seconds(now - begin)) + 1);
                CPPUNIT_ASSERT(sent <= perSecond * (0.25 + seconds(now - begin)) + 1);
            }
        }
    }

    void forgetsWhatASlowClientDidNotTake() {
        Pacer pacer(1'000'000, start);
        pacer.spent(pacer.allowance(start));
        // A minute in which nothing could be sent earns no minute's worth.
        std::uint64_t sent = 0;
        for (auto now = start + 60s; now <= start + 61s; now = pacer.nextTime()) {
            const auto allowed = pacer.allowance(now);
            pacer.spent(allowed);
            sent += allowed;
        }
        CPPUNIT_ASSERT(sent <= 1'250'000);
    }

    void whatWasNotSentIsStillAllowed() {
        Pacer pacer(1'000'000, start);
        const auto allowed = pacer.allowance(start + 50ms);
        pacer.spent(1);
        CPPUNIT_ASSERT_EQUAL(allowed - 1, pacer.allowance(start + 50ms));
        pacer.spent(0);
        CPPUNIT_ASSERT_EQUAL(allowed - 1, pacer.allowance(start + 50ms));
        CPPUNIT_ASSERT(pacer.nextTime() <= start + 50ms);
    }

    void takesAnyRate() {
        for (const auto rate : {std::uint64_t{1}, std::uint64_t{100}, std::uint64_t{10'000'000'000}, UINT64_MAX}) {
            Pacer pacer(rate, start);
            const auto first = pacer.allowance(start);
            CPPUNIT_ASSERT(first > 0);
            pacer.spent(first);
            CPPUNIT_ASSERT(pacer.nextTime() > start);
            CPPUNIT_ASSERT(pacer.nextTime() <= start + 1s + 1us);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PacerTest);
