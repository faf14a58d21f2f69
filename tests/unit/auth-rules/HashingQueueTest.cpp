#include "HashingQueue.h"
#include "HashingThreads.h"

#include <playhouse/ApiError.h>
#include <playhouse/testing/FakeMetrics.h>

#include <cppunit/extensions/HelperMacros.h>

#include <sys/resource.h>
#include <atomic>
#include <csignal>
#include <future>
#include <latch>
#include <memory>
#include <new>
#include <stdexcept>

namespace playhouse::auth {

class HashingQueueTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HashingQueueTest);
    CPPUNIT_TEST(workIsDoneAtAUsualPriorityWithoutSignals);
    CPPUNIT_TEST(hashingIsDoneAtTheLowestPriority);
    CPPUNIT_TEST(whatHashingThrowsIsThrownToWhoWaits);
    CPPUNIT_TEST(callersThreadKeepsItsPriorityAndSignals);
    CPPUNIT_TEST(asManyAsThreadsAreDoneAtOnce);
    CPPUNIT_TEST(moreThanMayWaitAreRefused);
    CPPUNIT_TEST(refusedWorkIsDestroyedUndone);
    CPPUNIT_TEST(whatWaitsIsDoneBeforeTheEnd);
    CPPUNIT_TEST(afterTheEndAllIsRefused);
    CPPUNIT_TEST(queueNeedsAThread);
    CPPUNIT_TEST_SUITE_END();

    testing::FakeMetrics metrics_;
    Gauge& waiting_ = metrics_.gauge("waiting", "Waiting.");

    static int priority() { return getpriority(PRIO_PROCESS, 0); }
    static bool isBlocked(int signal) {
        sigset_t now;
        pthread_sigmask(SIG_SETMASK, nullptr, &now);
        return sigismember(&now, signal) == 1;
    }

    void workIsDoneAtAUsualPriorityWithoutSignals() {
        HashingQueue queue(1, 1, waiting_);
        std::promise<std::pair<int, bool>> seen;
        queue.submit([&] { seen.set_value({priority(), isBlocked(SIGTERM) && isBlocked(SIGHUP)}); });
        const auto [nice, blocked] = seen.get_future().get();
        CPPUNIT_ASSERT_EQUAL(priority(), nice);
        CPPUNIT_ASSERT(blocked);
    }

    void hashingIsDoneAtTheLowestPriority() {
        HashingThreads threads(2);
        int nice = 0;
        bool blocked = false;
        threads.run([&] {
            nice = priority();
            blocked = isBlocked(SIGTERM);
        });
        CPPUNIT_ASSERT_EQUAL(19, nice);
        CPPUNIT_ASSERT(blocked);
        CPPUNIT_ASSERT_THROW(HashingThreads(0), std::invalid_argument);
    }

    void whatHashingThrowsIsThrownToWhoWaits() {
        HashingThreads threads(1);
        CPPUNIT_ASSERT_THROW(threads.run([] { throw std::bad_alloc(); }), std::bad_alloc);
        bool isDone = false;
        threads.run([&] { isDone = true; });
        CPPUNIT_ASSERT(isDone);
        threads.stop();
        CPPUNIT_ASSERT_THROW(threads.run([] {}), std::logic_error);
    }

    void callersThreadKeepsItsPriorityAndSignals() {
        const auto before = std::pair(priority(), isBlocked(SIGTERM));
        HashingQueue queue(1, 1, waiting_);
        queue.stop();
        CPPUNIT_ASSERT(before == std::pair(priority(), isBlocked(SIGTERM)));
    }

    void asManyAsThreadsAreDoneAtOnce() {
        HashingQueue queue(3, 0, waiting_);
        std::latch together(3);
        for (int number = 0; number < 3; ++number) queue.submit([&] { together.arrive_and_wait(); });
        queue.stop();
        CPPUNIT_ASSERT(together.try_wait());
    }

    /// One at work and one that waits: as many as may.
    struct FullQueue {
        explicit FullQueue(Gauge& waiting) : queue(1, 1, waiting) {
            queue.submit([this] {
                begun.count_down();
                end.wait();
            });
            begun.wait();
            queue.submit([this] { ++done; });
        }
        ~FullQueue() {
            if (!end.try_wait()) end.count_down();
        }
        std::latch begun{1};
        std::latch end{1};
        std::atomic<int> done = 0;
        HashingQueue queue;
    };

    void moreThanMayWaitAreRefused() {
        FullQueue full(waiting_);
        CPPUNIT_ASSERT_EQUAL(1.0, metrics_.value("waiting"));
        try {
            full.queue.submit([] {});
            full.end.count_down();
            CPPUNIT_FAIL("the third was taken");
        } catch (const ApiError& error) {
            full.end.count_down();
            CPPUNIT_ASSERT_EQUAL(503, error.status());
            CPPUNIT_ASSERT_EQUAL(std::string("LOGIN_BUSY"), error.code());
            CPPUNIT_ASSERT(error.details().contains("retryAfterSeconds"));
        }
    }

    void refusedWorkIsDestroyedUndone() {
        FullQueue full(waiting_);
        auto held = std::make_shared<bool>(false);
        const std::weak_ptr<bool> watched = held;
        CPPUNIT_ASSERT_THROW(full.queue.submit([held = std::move(held)] { *held = true; }), ApiError);
        full.end.count_down();
        CPPUNIT_ASSERT(watched.expired());
    }

    void whatWaitsIsDoneBeforeTheEnd() {
        FullQueue full(waiting_);
        full.end.count_down();
        full.queue.stop();
        CPPUNIT_ASSERT_EQUAL(1, full.done.load());
        CPPUNIT_ASSERT_EQUAL(0.0, metrics_.value("waiting"));
    }

    void afterTheEndAllIsRefused() {
        HashingQueue queue(1, 1, waiting_);
        queue.stop();
        queue.stop();
        CPPUNIT_ASSERT_THROW(queue.submit([] {}), ApiError);
    }

    void queueNeedsAThread() { CPPUNIT_ASSERT_THROW(HashingQueue(0, 1, waiting_), std::invalid_argument); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HashingQueueTest);

}  // namespace playhouse::auth
