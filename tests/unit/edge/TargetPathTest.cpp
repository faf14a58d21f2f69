#include "edge/TargetPath.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::host;

class TargetPathTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TargetPathTest);
    CPPUNIT_TEST(decodesAndDropsTheQuery);
    CPPUNIT_TEST(resolvesDotSegments);
    CPPUNIT_TEST(takesTheAbsoluteForm);
    CPPUNIT_TEST(refusesWhatCannotBeAPath);
    CPPUNIT_TEST_SUITE_END();

    static std::string pathOf(std::string_view target) {
        RequestParts parts;
        return splitTarget(target, parts) ? parts.path : "(refused)";
    }

    void decodesAndDropsTheQuery() {
        CPPUNIT_ASSERT_EQUAL(std::string("/a b/\xc3\xa9"), pathOf("/a%20b/%C3%A9?x=%2F"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a+b"), pathOf("/a+b"));
    }

    void resolvesDotSegments() {
        CPPUNIT_ASSERT_EQUAL(std::string("/a/c"), pathOf("/a/b/../c"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a/c"), pathOf("/a/./c"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a/"), pathOf("/a/b/.."));
        CPPUNIT_ASSERT_EQUAL(std::string("/a/.hidden"), pathOf("/a/.hidden"));
        CPPUNIT_ASSERT_EQUAL(std::string("(refused)"), pathOf("/../etc/passwd"));
        CPPUNIT_ASSERT_EQUAL(std::string("(refused)"), pathOf("/a/%2e%2e/%2E%2E/etc/passwd"));
    }

    void takesTheAbsoluteForm() {
        CPPUNIT_ASSERT_EQUAL(std::string("/a"), pathOf("http://host:80/a?b"));
        CPPUNIT_ASSERT_EQUAL(std::string("/"), pathOf("http://host"));
        CPPUNIT_ASSERT_EQUAL(std::string("/"), pathOf("http://host?query"));
    }

    void refusesWhatCannotBeAPath() {
        for (const auto* target : {"a", "host:80", "/%", "/%4", "/%zz", "/%00", "/a%0d%0ab", ""})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, std::string("(refused)"), pathOf(target));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TargetPathTest);
