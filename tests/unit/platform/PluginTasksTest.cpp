#include "platform/PluginLogger.h"
#include "platform/PluginTasks.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <stdexcept>

using namespace playhouse::host;

/// Tasks run while their generation serves, and never outlive it.
class PluginTasksTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginTasksTest);
    CPPUNIT_TEST(runsOnceSoon);
    CPPUNIT_TEST(repeatsAlsoAfterAFailure);
    CPPUNIT_TEST(nothingBeginsWhileTheGenerationIsHeld);
    CPPUNIT_TEST(aRunHoldsALease);
    CPPUNIT_TEST(aCancelledTaskDoesNotRun);
    CPPUNIT_TEST(workWaitsWhenAllWorkersAreBusy);
    CPPUNIT_TEST(revokingDestroysTheWork);
    CPPUNIT_TEST(anIntervalOfNothingIsRefused);
    CPPUNIT_TEST_SUITE_END();

    using milliseconds = std::chrono::milliseconds;

    WorkerPool workers_{2, 2};
    TimerQueue timers_;
    std::shared_ptr<LeaseGate> gate_ = LeaseGate::make();
    PluginLogger logger_{"tasks-test"};
    PluginTasks tasks_{timers_, workers_, gate_, logger_};

    void settle() {
        gate_->close();
        CPPUNIT_ASSERT(gate_->waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
        tasks_.revoke();
    }

public:
    void tearDown() override { settle(); }

    void runsOnceSoon() {
        std::promise<void> ran;
        tasks_.run([&] { ran.set_value(); });
        ran.get_future().wait();
        std::promise<void> later;
        tasks_.after(milliseconds(1), [&] { later.set_value(); });
        later.get_future().wait();
    }

    void repeatsAlsoAfterAFailure() {
        std::atomic<int> runs{0};
        std::promise<void> third;
        tasks_.every(milliseconds(1), [&] {
            if (++runs == 3) third.set_value();
            throw std::runtime_error("always fails");
        });
        third.get_future().wait();
        settle();
    }

    void nothingBeginsWhileTheGenerationIsHeld() {
        gate_->hold();
        std::atomic<bool> opened{false};
        std::promise<bool> ranAfterOpening;
        tasks_.run([&] { ranAfterOpening.set_value(opened); });
        // The workers have looked at it when they have done this.
        for (int count = 0; count < 2; ++count) {
            std::promise<void> looked;
            while (!workers_.submit([&] { looked.set_value(); })) Poco::Thread::yield();
            looked.get_future().wait();
        }
        opened = true;
        gate_->open();
        CPPUNIT_ASSERT(ranAfterOpening.get_future().get());
    }

    void aRunHoldsALease() {
        std::promise<std::uint64_t> leases;
        tasks_.run([&] { leases.set_value(gate_->leases()); });
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, leases.get_future().get());
    }

    void aCancelledTaskDoesNotRun() {
        std::atomic<bool> ran{false};
        const auto id = tasks_.after(milliseconds(10), [&] { ran = true; });
        tasks_.cancel(id);
        tasks_.cancel(id);
        std::promise<void> later;
        tasks_.after(milliseconds(20), [&] { later.set_value(); });
        later.get_future().wait();
        CPPUNIT_ASSERT(!ran);
    }

    void workWaitsWhenAllWorkersAreBusy() {
        std::promise<void> go;
        const std::shared_future<void> gone = go.get_future().share();
        while (workers_.submit([gone] { gone.wait(); })) continue;
        std::promise<void> ran;
        tasks_.run([&] { ran.set_value(); });
        go.set_value();
        ran.get_future().wait();
    }

    void revokingDestroysTheWork() {
        auto held = std::make_shared<int>(0);
        const std::weak_ptr<int> watch = held;
        tasks_.every(std::chrono::hours(1), [held] {});
        tasks_.after(std::chrono::hours(1), [held = std::move(held)] {});
        settle();
        CPPUNIT_ASSERT(watch.expired());
        tasks_.run([] { CPPUNIT_FAIL("ran after its generation"); });
    }

    void anIntervalOfNothingIsRefused() {
        CPPUNIT_ASSERT_THROW(tasks_.every(milliseconds(0), [] {}), std::invalid_argument);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginTasksTest);
