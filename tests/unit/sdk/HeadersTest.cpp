#include <playhouse/Headers.h>

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>

using playhouse::Headers;

class HeadersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HeadersTest);
    CPPUNIT_TEST(findsNamesInAnyCase);
    CPPUNIT_TEST(keepsRepeatedFieldsInOrder);
    CPPUNIT_TEST(setReplacesEveryFieldOfThatName);
    CPPUNIT_TEST(refusedSetKeepsTheFieldBefore);
    CPPUNIT_TEST(removeLeavesTheOthers);
    CPPUNIT_TEST(refusesWhatWouldSplitAResponse);
    CPPUNIT_TEST(clearForgetsEverything);
    CPPUNIT_TEST_SUITE_END();

public:
    void findsNamesInAnyCase() {
        Headers headers;
        headers.add("Content-Type", "video/mp4");
        CPPUNIT_ASSERT(headers.find("content-TYPE") == "video/mp4");
        CPPUNIT_ASSERT(!headers.contains("Content-Typ"));
        CPPUNIT_ASSERT(!headers.find("ETag"));
    }

    void keepsRepeatedFieldsInOrder() {
        Headers headers;
        headers.add("Vary", "Origin");
        headers.add("Date", "now");
        headers.add("vary", "Accept-Encoding");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, headers.size());
        CPPUNIT_ASSERT(headers.find("Vary") == "Origin");
        CPPUNIT_ASSERT(headers.at(2).name == "vary");
        CPPUNIT_ASSERT(headers.at(2).value == "Accept-Encoding");
    }

    void refusedSetKeepsTheFieldBefore() {
        Headers headers;
        headers.add("Location", "/here");
        CPPUNIT_ASSERT_THROW(headers.set("Location", "/a\r\nb"), std::invalid_argument);
        CPPUNIT_ASSERT(headers.find("Location") == std::string_view("/here"));
        headers.set("Location", *headers.find("Location"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, headers.size());
    }

    void setReplacesEveryFieldOfThatName() {
        Headers headers;
        headers.add("Vary", "Origin");
        headers.add("Date", "now");
        headers.add("VARY", "Accept-Encoding");
        headers.set("Vary", "*");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, headers.size());
        CPPUNIT_ASSERT(headers.find("Vary") == "*");
        CPPUNIT_ASSERT(headers.find("Date") == "now");
    }

    void removeLeavesTheOthers() {
        Headers headers;
        headers.add("A", "1");
        headers.add("B", "2");
        headers.add("a", "3");
        headers.remove("A");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, headers.size());
        CPPUNIT_ASSERT(headers.at(0).name == "B" && headers.at(0).value == "2");
    }

    void refusesWhatWouldSplitAResponse() {
        Headers headers;
        CPPUNIT_ASSERT_THROW(headers.add("Location", "/a\r\nSet-Cookie: x=1"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(headers.add("Location", std::string("/a\0b", 4)), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(headers.add("Loca tion", "/a"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(headers.add("", "/a"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(headers.set("Location:", "/a"), std::invalid_argument);
        CPPUNIT_ASSERT(headers.empty());
    }

    void clearForgetsEverything() {
        Headers headers;
        headers.add("A", "1");
        headers.clear();
        CPPUNIT_ASSERT(headers.empty());
        CPPUNIT_ASSERT(!headers.contains("A"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HeadersTest);
