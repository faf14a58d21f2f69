#include "CacheTest.h"

#include "platform/MetricsRegistry.h"
#include "platform/cache/MemoryCache.h"

#include <playhouse/testing/FakeClock.h>

using namespace playhouse;
using namespace playhouse::host;

/// Values in this process.
class MemoryCacheTest : public playhouse::tests::CacheTest {
    CPPUNIT_TEST_SUB_SUITE(MemoryCacheTest, playhouse::tests::CacheTest);
    CPPUNIT_TEST(valuesEndOnTime);
    CPPUNIT_TEST(aCountEndsWithItsBeginningsLife);
    CPPUNIT_TEST(theLeastRecentlyUsedGoFirst);
    CPPUNIT_TEST(neverHoldsMoreThanItMay);
    CPPUNIT_TEST(whatIsTooLargeForItIsNotKeptNorIsTheOldValue);
    CPPUNIT_TEST(figuresTellWhatItHolds);
    CPPUNIT_TEST_SUITE_END();

    using milliseconds = std::chrono::milliseconds;

    testing::FakeClock clock_;
    MetricsRegistry metrics_;
    std::unique_ptr<MemoryCache> memory_ = std::make_unique<MemoryCache>(8 * 1024 * 1024, clock_, &metrics_.registry());

    CacheStore& store() override { return *memory_; }

public:
    void valuesEndOnTime() {
        const auto cache = cacheOf("chat");
        cache->set("key", "value", milliseconds(100), fail_);
        clock_.advance(milliseconds(99));
        CPPUNIT_ASSERT(cache->get("key", fail_) == "value");
        CPPUNIT_ASSERT(!cache->add("key", "other", milliseconds(100), fail_));
        clock_.advance(milliseconds(1));
        CPPUNIT_ASSERT(!cache->get("key", fail_));
        CPPUNIT_ASSERT(cache->add("key", "other", milliseconds(100), fail_));
        clock_.advance(milliseconds(100));
        CPPUNIT_ASSERT(!cache->remove("key", fail_));
    }

    void aCountEndsWithItsBeginningsLife() {
        const auto cache = cacheOf("chat");
        cache->increment("n", 1, milliseconds(100), fail_);
        clock_.advance(milliseconds(60));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, cache->increment("n", 1, milliseconds(100), fail_));
        clock_.advance(milliseconds(40));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, cache->increment("n", 1, milliseconds(100), fail_));
    }

    void theLeastRecentlyUsedGoFirst() {
        memory_ = std::make_unique<MemoryCache>(3 * 2000, clock_);
        const auto cache = cacheOf("chat");
        const std::string value(1500, 'v');
        for (const auto* const key : {"a", "b", "c"}) cache->set(key, value, long_, fail_);
        CPPUNIT_ASSERT(cache->get("a", fail_));
        cache->set("d", value, long_, fail_);
        CPPUNIT_ASSERT(cache->get("a", fail_) && cache->get("c", fail_) && cache->get("d", fail_));
        CPPUNIT_ASSERT(!cache->get("b", fail_));
    }

    void neverHoldsMoreThanItMay() {
        memory_ = std::make_unique<MemoryCache>(100'000, clock_);
        const auto cache = cacheOf("chat");
        for (int key = 0; key < 2000; ++key) {
            cache->set(std::to_string(key), std::string(static_cast<std::size_t>(key), 'v'), long_, fail_);
            cache->increment("n" + std::to_string(key), 1, long_, fail_);
            CPPUNIT_ASSERT(memory_->size() <= 100'000);
        }
        CPPUNIT_ASSERT(memory_->size() > 90'000);
        memory_->clear();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, memory_->size());
    }

    void whatIsTooLargeForItIsNotKeptNorIsTheOldValue() {
        memory_ = std::make_unique<MemoryCache>(1000, clock_);
        const auto cache = cacheOf("chat");
        cache->set("key", "small", long_, fail_);
        cache->set("key", std::string(2000, 'v'), long_, fail_);
        CPPUNIT_ASSERT(!cache->get("key", fail_));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, memory_->size());
    }

    void figuresTellWhatItHolds() {
        const auto cache = cacheOf("chat");
        cache->set("key", "value", long_, fail_);
        const auto text = metrics_.text();
        CPPUNIT_ASSERT_MESSAGE(text, text.find("playhouse_cache_values 1") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("playhouse_cache_evicted_total 0") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MemoryCacheTest);
