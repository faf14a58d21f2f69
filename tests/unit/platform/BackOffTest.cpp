#include "platform/BackOff.h"

#include <cppunit/extensions/HelperMacros.h>

using playhouse::host::BackOff;
using std::chrono::milliseconds;

/// Pauses between tries.
class BackOffTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BackOffTest);
    CPPUNIT_TEST(pausesDoubleUpToTheLongest);
    CPPUNIT_TEST(beginsAnewAfterASuccess);
    CPPUNIT_TEST_SUITE_END();

public:
    void pausesDoubleUpToTheLongest() {
        BackOff backOff(milliseconds(1'000), milliseconds(5'000));
        for (const auto expected : {1'000, 2'000, 4'000, 5'000, 5'000})
            CPPUNIT_ASSERT(backOff.next() == milliseconds(expected));
    }

    void beginsAnewAfterASuccess() {
        BackOff backOff(milliseconds(1'000), milliseconds(5'000));
        backOff.next();
        backOff.next();
        backOff.reset();
        CPPUNIT_ASSERT(backOff.next() == milliseconds(1'000));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BackOffTest);
