#include "platform/TimerQueue.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <vector>

using playhouse::host::TimerQueue;

/// Timers run in the order of their times, and not at all once they are taken back.
class TimerQueueTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TimerQueueTest);
    CPPUNIT_TEST(runsInTheOrderOfTime);
    CPPUNIT_TEST(aCancelledTimerDoesNotRun);
    CPPUNIT_TEST(aTimerMaySetTheNext);
    CPPUNIT_TEST(stoppingDropsWhatWaits);
    CPPUNIT_TEST_SUITE_END();

    using Clock = std::chrono::steady_clock;

public:
    void runsInTheOrderOfTime() {
        std::vector<int> order;
        std::promise<void> last;
        TimerQueue timers;
        const auto start = Clock::now();
        timers.at(start + std::chrono::milliseconds(30), [&] {
            order.push_back(3);
            last.set_value();
        });
        timers.at(start + std::chrono::milliseconds(20), [&] { order.push_back(2); });
        timers.at(start + std::chrono::milliseconds(10), [&] { order.push_back(1); });
        last.get_future().wait();
        CPPUNIT_ASSERT((order == std::vector<int>{1, 2, 3}));
        CPPUNIT_ASSERT(Clock::now() >= start + std::chrono::milliseconds(30));
    }

    void aCancelledTimerDoesNotRun() {
        bool ran = false;
        std::promise<void> last;
        TimerQueue timers;
        const auto time = Clock::now() + std::chrono::milliseconds(20);
        const auto cancelled = timers.at(time, [&] { ran = true; });
        timers.at(time + std::chrono::milliseconds(1), [&] { last.set_value(); });
        timers.cancel(cancelled);
        timers.cancel(4711);
        last.get_future().wait();
        timers.cancel(cancelled);
        CPPUNIT_ASSERT(!ran);
    }

    void aTimerMaySetTheNext() {
        std::promise<void> last;
        TimerQueue timers;
        timers.at(Clock::now(), [&] { timers.at(Clock::now(), [&] { last.set_value(); }); });
        last.get_future().wait();
    }

    void stoppingDropsWhatWaits() {
        auto dropped = std::make_shared<int>(0);
        const std::weak_ptr<int> watch = dropped;
        TimerQueue timers;
        timers.at(Clock::now() + std::chrono::hours(1), [dropped = std::move(dropped)] {});
        timers.stop();
        CPPUNIT_ASSERT(watch.expired());
        timers.at(Clock::now(), [] { CPPUNIT_FAIL("ran after stop"); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TimerQueueTest);
