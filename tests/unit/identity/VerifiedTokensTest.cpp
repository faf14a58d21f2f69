#include "identity/VerifiedTokens.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace playhouse;
using namespace playhouse::host;

class VerifiedTokensTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(VerifiedTokensTest);
    CPPUNIT_TEST(holdsAsManyAsItMay);
    CPPUNIT_TEST(keepsWhatIsUsed);
    CPPUNIT_TEST(forgetsWhatIsOverOrOfAnotherEpoch);
    CPPUNIT_TEST_SUITE_END();

    using Time = std::chrono::system_clock::time_point;
    static VerifiedTokens::Digest digest(int number) { return VerifiedTokens::digestOf(std::to_string(number)); }
    static constexpr Time start{std::chrono::hours(1)};
    static constexpr Time end{std::chrono::hours(2)};

    const std::shared_ptr<const Identity> somebody_ = std::make_shared<const Identity>();

public:
    void holdsAsManyAsItMay() {
        VerifiedTokens tokens(160);
        for (int number = 0; number < 5000; ++number) tokens.keep(digest(number), 1, end, somebody_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{160}, tokens.size());
        CPPUNIT_ASSERT(tokens.find(digest(4999), 1, start));
        CPPUNIT_ASSERT(!tokens.find(digest(0), 1, start));
    }

    void keepsWhatIsUsed() {
        VerifiedTokens tokens(160);
        tokens.keep(digest(0), 1, end, somebody_);
        for (int number = 1; number < 5000; ++number) {
            tokens.keep(digest(number), 1, end, somebody_);
            CPPUNIT_ASSERT(tokens.find(digest(0), 1, start));
        }
    }

    void forgetsWhatIsOverOrOfAnotherEpoch() {
        VerifiedTokens tokens;
        tokens.keep(digest(1), 1, end, somebody_);
        CPPUNIT_ASSERT(tokens.find(digest(1), 1, end - Time::duration(1)));
        CPPUNIT_ASSERT(!tokens.find(digest(1), 1, end));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, tokens.size());
        tokens.keep(digest(1), 1, end, somebody_);
        tokens.keep(digest(1), 1, end, somebody_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, tokens.size());
        CPPUNIT_ASSERT(!tokens.find(digest(1), 2, start));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, tokens.size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(VerifiedTokensTest);
