#include "edge/AccessLog.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::host;

class AccessLogTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccessLogTest);
    CPPUNIT_TEST(secretsOfTheQueryAreMasked);
    CPPUNIT_TEST(othersAreShownAsSent);
    CPPUNIT_TEST_SUITE_END();

    void secretsOfTheQueryAreMasked() {
        CPPUNIT_ASSERT_EQUAL(std::string("/a?token=***"), withoutSecrets("/a?token=abc"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a?x=1&Access_Token=***&y=2"), withoutSecrets("/a?x=1&Access_Token=abc&y=2"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a?%74oken=***"), withoutSecrets("/a?%74oken=abc"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a?key=***&sig=***"), withoutSecrets("/a?key=abc&sig=d=e"));
    }

    void othersAreShownAsSent() {
        for (const auto* target :
             {"/a", "/a?", "/a?b", "/a?token", "/a?container=fmp4&v=1&", "/a?keyframe=1", "/a?%zz=1"})
            CPPUNIT_ASSERT_EQUAL(std::string(target), withoutSecrets(target));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccessLogTest);
