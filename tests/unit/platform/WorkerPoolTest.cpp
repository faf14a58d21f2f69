#include "platform/WorkerPool.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <future>

using playhouse::host::WorkerPool;

/// Work is done, or refused with nothing lost.
class WorkerPoolTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WorkerPoolTest);
    CPPUNIT_TEST(refusesWhatWouldWaitTooLong);
    CPPUNIT_TEST(finishesWhatWasSubmittedBeforeItStops);
    CPPUNIT_TEST(workIsDestroyedWhenItIsDone);
    CPPUNIT_TEST(countsWhatWaitsAndForHowLong);
    CPPUNIT_TEST_SUITE_END();

public:
    void refusesWhatWouldWaitTooLong() {
        std::promise<void> begun;
        std::promise<void> go;
        WorkerPool pool(1, 2);
        CPPUNIT_ASSERT(pool.submit([&] {
            begun.set_value();
            go.get_future().wait();
        }));
        begun.get_future().wait();
        CPPUNIT_ASSERT(pool.submit([] {}));
        CPPUNIT_ASSERT(pool.submit([] {}));
        std::function<void()> third = [] {};
        CPPUNIT_ASSERT(!pool.submit(std::move(third)));
        CPPUNIT_ASSERT(third != nullptr);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, pool.waiting());
        go.set_value();
    }

    void finishesWhatWasSubmittedBeforeItStops() {
        std::atomic<int> done{0};
        WorkerPool pool(2, 1000);
        for (int count = 0; count < 500; ++count) CPPUNIT_ASSERT(pool.submit([&] { ++done; }));
        pool.stop();
        CPPUNIT_ASSERT_EQUAL(500, done.load());
        CPPUNIT_ASSERT(!pool.submit([] {}));
    }

    void workIsDestroyedWhenItIsDone() {
        std::promise<bool> gone;
        auto held = std::make_shared<int>(0);
        const std::weak_ptr<int> watch = held;
        WorkerPool pool(1, 10);
        CPPUNIT_ASSERT(pool.submit([held = std::move(held)] {}));
        CPPUNIT_ASSERT(pool.submit([&] { gone.set_value(watch.expired()); }));
        CPPUNIT_ASSERT(gone.get_future().get());
    }

    void countsWhatWaitsAndForHowLong() {
        prometheus::Registry registry;
        const auto has = [&](const std::string& line) {
            return prometheus::TextSerializer().Serialize(registry.Collect()).find("\n" + line + "\n") !=
                   std::string::npos;
        };
        std::promise<void> begun;
        std::promise<void> go;
        WorkerPool pool(1, 10, &registry);
        CPPUNIT_ASSERT(pool.submit([&] {
            begun.set_value();
            go.get_future().wait();
        }));
        begun.get_future().wait();
        for (int count = 0; count < 3; ++count) CPPUNIT_ASSERT(pool.submit([] {}));
        CPPUNIT_ASSERT(has("playhouse_workers_waiting 3"));
        CPPUNIT_ASSERT(has("playhouse_workers_busy 1"));
        go.set_value();
        pool.stop();
        CPPUNIT_ASSERT(has("playhouse_workers_waiting 0"));
        CPPUNIT_ASSERT(has("playhouse_workers_busy 0"));
        CPPUNIT_ASSERT(has("playhouse_workers_wait_seconds_count 4"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorkerPoolTest);
