#include <playhouse/ApiError.h>
#include <playhouse/testing/FakeCache.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

using namespace playhouse;
using namespace playhouse::testing;

/// The cache of plugins' tests keeps the host's promises.
class FakeCacheTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FakeCacheTest);
    CPPUNIT_TEST(keepsValuesForTheirTime);
    CPPUNIT_TEST(onlyTheFirstAdds);
    CPPUNIT_TEST(countsFromItsBeginning);
    CPPUNIT_TEST(makesWhatIsMissing);
    CPPUNIT_TEST(refusesWhatTheHostRefuses);
    CPPUNIT_TEST(whileAwayCallersFailOrAreAlone);
    CPPUNIT_TEST_SUITE_END();

    using milliseconds = std::chrono::milliseconds;

    FakeClock clock_;
    FakeCache cache_{clock_};

public:
    void keepsValuesForTheirTime() {
        cache_.set("key", "value", milliseconds(10));
        clock_.advance(milliseconds(9));
        CPPUNIT_ASSERT(cache_.get("key") == "value");
        clock_.advance(milliseconds(1));
        CPPUNIT_ASSERT(!cache_.get("key"));
        CPPUNIT_ASSERT(!cache_.remove("key"));
    }

    void onlyTheFirstAdds() {
        CPPUNIT_ASSERT(cache_.add("key", "first", milliseconds(10)));
        CPPUNIT_ASSERT(!cache_.add("key", "second", milliseconds(10)));
        CPPUNIT_ASSERT(cache_.remove("key"));
        CPPUNIT_ASSERT(cache_.add("key", "third", milliseconds(10)));
    }

    void countsFromItsBeginning() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, cache_.increment("n", 2, milliseconds(10)));
        clock_.advance(milliseconds(5));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, cache_.increment("n", -1, milliseconds(10)));
        clock_.advance(milliseconds(5));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, cache_.increment("n", 7, milliseconds(10)));
    }

    void makesWhatIsMissing() {
        int made = 0;
        for (int round = 0; round < 2; ++round)
            CPPUNIT_ASSERT_EQUAL(std::string("1"),
                                 cache_.getOrMake("key", milliseconds(10), [&] { return std::to_string(++made); }));
    }

    void refusesWhatTheHostRefuses() {
        CPPUNIT_ASSERT_THROW(cache_.get(std::string(513, 'k')), std::length_error);
        CPPUNIT_ASSERT_THROW(cache_.set("key", std::string(1024 * 1024 + 1, 'v'), milliseconds(1)), std::length_error);
        CPPUNIT_ASSERT_THROW(cache_.set("key", "value", milliseconds(0)), std::invalid_argument);
        cache_.set("key", "text", milliseconds(1));
        CPPUNIT_ASSERT_THROW(cache_.increment("key", 1, milliseconds(1)), std::invalid_argument);
    }

    void whileAwayCallersFailOrAreAlone() {
        cache_.set("key", "shared", milliseconds(10));
        cache_.setAway(true);
        try {
            cache_.get("key", WhenAway::Fail);
            CPPUNIT_FAIL("not refused");
        } catch (const ApiError& refusal) {
            CPPUNIT_ASSERT_EQUAL(std::string("CACHE_UNAVAILABLE"), refusal.code());
        }
        CPPUNIT_ASSERT(!cache_.get("key"));
        cache_.set("key", "local", milliseconds(10));
        CPPUNIT_ASSERT(cache_.get("key") == "local");
        cache_.setAway(false);
        CPPUNIT_ASSERT(cache_.get("key") == "shared");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FakeCacheTest);
