#include "SegmentCache.h"

#include <playhouse/testing/FakeMetrics.h>

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace playhouse::streaming {

class SegmentCacheTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SegmentCacheTest);
    CPPUNIT_TEST(packagesOnce);
    CPPUNIT_TEST(keepsWithinItsCapacity);
    CPPUNIT_TEST(evictsTheLeastRecentlyUsed);
    CPPUNIT_TEST(segmentOutlivesItsEviction);
    CPPUNIT_TEST(segmentLargerThanTheCacheIsHandedOutAndNotHeld);
    CPPUNIT_TEST(containersAndNumbersAreToldApart);
    CPPUNIT_TEST(failureIsNotCached);
    CPPUNIT_TEST(concurrentCallersShareOnePackaging);
    CPPUNIT_TEST(waitersPackageThemselvesWhenTheFirstFails);
    CPPUNIT_TEST(takesItsBytesOffTheMetricAtItsEnd);
    CPPUNIT_TEST_SUITE_END();

    static SegmentKey key(std::size_t number) { return {1, Container::TransportStream, number}; }
    static SharedBuffer bytes(std::size_t size) { return SharedBuffer(std::string(size, 'x')); }
    static auto make(std::size_t size) {
        return [size] { return bytes(size); };
    }
    static SharedBuffer notNeeded() { throw std::logic_error("packaged again"); }

    SegmentCache::Metrics figures() {
        return {metrics_.counter("hits", ""), metrics_.counter("misses", ""), metrics_.gauge("bytes", "")};
    }

    testing::FakeMetrics metrics_;

public:
    void packagesOnce() {
        SegmentCache cache(100, figures());
        cache.getOrPackage(key(0), make(10));
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, cache.getOrPackage(key(0), notNeeded).size());
        CPPUNIT_ASSERT_EQUAL(1.0, metrics_.value("hits"));
        CPPUNIT_ASSERT_EQUAL(1.0, metrics_.value("misses"));
    }

    void keepsWithinItsCapacity() {
        SegmentCache cache(100, figures());
        for (std::size_t number = 0; number < 50; ++number) {
            cache.getOrPackage(key(number), make(30));
            CPPUNIT_ASSERT(metrics_.value("bytes") <= 100);
        }
        CPPUNIT_ASSERT_EQUAL(90.0, metrics_.value("bytes"));
    }

    void evictsTheLeastRecentlyUsed() {
        SegmentCache cache(100, figures());
        cache.getOrPackage(key(0), make(40));
        cache.getOrPackage(key(1), make(40));
        cache.getOrPackage(key(0), notNeeded);
        cache.getOrPackage(key(2), make(40));
        cache.getOrPackage(key(0), notNeeded);
        CPPUNIT_ASSERT_THROW(cache.getOrPackage(key(1), notNeeded), std::logic_error);
    }

    void segmentOutlivesItsEviction() {
        SegmentCache cache(100, figures());
        const auto held = cache.getOrPackage(key(0), make(100));
        cache.getOrPackage(key(1), make(100));
        CPPUNIT_ASSERT(held.text() == std::string(100, 'x'));
    }

    void segmentLargerThanTheCacheIsHandedOutAndNotHeld() {
        SegmentCache cache(100, figures());
        cache.getOrPackage(key(0), make(60));
        CPPUNIT_ASSERT_EQUAL(std::size_t{101}, cache.getOrPackage(key(1), make(101)).size());
        CPPUNIT_ASSERT_EQUAL(60.0, metrics_.value("bytes"));
        cache.getOrPackage(key(0), notNeeded);
    }

    void containersAndNumbersAreToldApart() {
        SegmentCache cache(100, figures());
        cache.getOrPackage({1, Container::TransportStream, 0}, make(1));
        cache.getOrPackage({1, Container::CommonMedia, 0}, make(2));
        cache.getOrPackage({2, Container::TransportStream, 0}, make(3));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, cache.getOrPackage({1, Container::TransportStream, 0}, notNeeded).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, cache.getOrPackage({1, Container::CommonMedia, 0}, notNeeded).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, cache.getOrPackage({2, Container::TransportStream, 0}, notNeeded).size());
    }

    void failureIsNotCached() {
        SegmentCache cache(100, figures());
        CPPUNIT_ASSERT_THROW(cache.getOrPackage(key(0), notNeeded), std::logic_error);
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, cache.getOrPackage(key(0), make(5)).size());
    }

    void concurrentCallersShareOnePackaging() {
        constexpr int callers = 8;
        SegmentCache cache(100, figures());
        std::atomic<int> packagings{0};
        std::atomic<int> served{0};
        std::latch begun(callers);
        std::vector<std::jthread> threads;
        for (int caller = 0; caller < callers; ++caller)
            threads.emplace_back([&] {
                begun.arrive_and_wait();
                const auto segment = cache.getOrPackage(key(0), [&] {
                    ++packagings;
                    return bytes(10);
                });
                if (segment.size() == 10) ++served;
            });
        threads.clear();
        CPPUNIT_ASSERT_EQUAL(1, packagings.load());
        CPPUNIT_ASSERT_EQUAL(callers, served.load());
    }

    void waitersPackageThemselvesWhenTheFirstFails() {
        SegmentCache cache(100, figures());
        std::latch firstRuns(1);
        std::latch firstMayFail(1);
        std::jthread first([&] {
            try {
                cache.getOrPackage(key(0), [&]() -> SharedBuffer {
                    firstRuns.count_down();
                    firstMayFail.wait();
                    throw std::runtime_error("the file is gone");
                });
            } catch (const std::runtime_error&) {
            }
        });
        firstRuns.wait();
        std::size_t size = 0;
        std::jthread second([&] { size = cache.getOrPackage(key(0), make(7)).size(); });
        firstMayFail.count_down();
        first.join();
        second.join();
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, size);
    }

    void takesItsBytesOffTheMetricAtItsEnd() {
        {
            SegmentCache cache(100, figures());
            cache.getOrPackage(key(0), make(10));
        }
        CPPUNIT_ASSERT_EQUAL(0.0, metrics_.value("bytes"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SegmentCacheTest);

}  // namespace playhouse::streaming
