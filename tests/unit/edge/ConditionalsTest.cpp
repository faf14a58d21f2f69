#include "edge/Conditionals.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::host;

/// RFC 9110 section 13.
class ConditionalsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConditionalsTest);
    CPPUNIT_TEST(knownTagIsNotModified);
    CPPUNIT_TEST(knownTagFailsAWrite);
    CPPUNIT_TEST(ifMatchNeedsAStrongTag);
    CPPUNIT_TEST(datesAreComparedToTheSecond);
    CPPUNIT_TEST(tagsTakePrecedenceOverDates);
    CPPUNIT_TEST(ifRangeNeedsTheSameRepresentation);
    CPPUNIT_TEST(malformedConditionsAreIgnored);
    CPPUNIT_TEST(readsAllThreeDateFormats);
    CPPUNIT_TEST(datesBeyondTheClockAreStillBeforeAndAfter);
    CPPUNIT_TEST(aDateEndsWithItsText);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* modified = "Sun, 06 Nov 1994 08:49:37 GMT";
    static constexpr const char* later = "Sun, 06 Nov 1994 08:49:38 GMT";
    static constexpr const char* earlier = "Sun, 06 Nov 1994 08:49:36 GMT";

    static Request asking(std::string_view name, std::string_view value, Method method = Method::Get) {
        RequestParts parts;
        parts.method = method;
        parts.headers.add(name, value);
        return Request(std::move(parts));
    }

    static Headers representation() {
        Headers headers;
        headers.add("ETag", "\"now\"");
        headers.add("Last-Modified", modified);
        return headers;
    }

    static Precondition outcome(std::string_view name, std::string_view value, Method method = Method::Get) {
        return evaluatePreconditions(asking(name, value, method), representation());
    }

    void knownTagIsNotModified() {
        for (const auto* tags : {"\"now\"", "W/\"now\"", "\"old\", \"now\"", "*"})
            CPPUNIT_ASSERT(outcome("If-None-Match", tags) == Precondition::NotModified);
        CPPUNIT_ASSERT(outcome("If-None-Match", "\"old\"") == Precondition::Proceed);
    }

    void knownTagFailsAWrite() { CPPUNIT_ASSERT(outcome("If-None-Match", "*", Method::Put) == Precondition::Failed); }

    void ifMatchNeedsAStrongTag() {
        CPPUNIT_ASSERT(outcome("If-Match", "\"now\"") == Precondition::Proceed);
        CPPUNIT_ASSERT(outcome("If-Match", "W/\"now\"") == Precondition::Failed);
        CPPUNIT_ASSERT(outcome("If-Match", "\"old\"") == Precondition::Failed);
    }

    void datesAreComparedToTheSecond() {
        CPPUNIT_ASSERT(outcome("If-Modified-Since", modified) == Precondition::NotModified);
        CPPUNIT_ASSERT(outcome("If-Modified-Since", later) == Precondition::NotModified);
        CPPUNIT_ASSERT(outcome("If-Modified-Since", earlier) == Precondition::Proceed);
        CPPUNIT_ASSERT(outcome("If-Unmodified-Since", earlier) == Precondition::Failed);
        CPPUNIT_ASSERT(outcome("If-Unmodified-Since", modified) == Precondition::Proceed);
    }

    void tagsTakePrecedenceOverDates() {
        auto request = asking("If-None-Match", "\"old\"");
        request.parts().headers.add("If-Modified-Since", later);
        CPPUNIT_ASSERT(evaluatePreconditions(request, representation()) == Precondition::Proceed);
    }

    void ifRangeNeedsTheSameRepresentation() {
        const auto current = [](std::string_view value) {
            return rangeIsCurrent(asking("If-Range", value), representation());
        };
        CPPUNIT_ASSERT(current("\"now\"") && current(modified));
        CPPUNIT_ASSERT(!current("W/\"now\"") && !current("\"old\"") && !current(later) && !current("garbage"));
        CPPUNIT_ASSERT(rangeIsCurrent(asking("Range", "bytes=0-1"), representation()));
    }

    void malformedConditionsAreIgnored() {
        for (const auto* value : {"garbage", "", "\"unclosed", ",,,"}) {
            CPPUNIT_ASSERT(outcome("If-None-Match", value) == Precondition::Proceed);
            CPPUNIT_ASSERT(outcome("If-Modified-Since", value) == Precondition::Proceed);
        }
    }

    void readsAllThreeDateFormats() {
        const auto expected = parseHttpDate(modified);
        CPPUNIT_ASSERT(expected.has_value());
        CPPUNIT_ASSERT(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT") == expected);
        CPPUNIT_ASSERT(parseHttpDate("Sun Nov  6 08:49:37 1994") == expected);
        CPPUNIT_ASSERT_EQUAL(std::string(modified), httpDate(*expected));
    }

    void datesBeyondTheClockAreStillBeforeAndAfter() {
        CPPUNIT_ASSERT(outcome("If-Modified-Since", "Fri, 31 Dec 9999 23:59:59 GMT") == Precondition::NotModified);
        CPPUNIT_ASSERT(outcome("If-Unmodified-Since", "Mon, 01 Jan 0001 00:00:00 GMT") == Precondition::Failed);
        CPPUNIT_ASSERT(!rangeIsCurrent(asking("If-Range", "Fri, 31 Dec 9999 23:59:59 GMT"), representation()));
    }

    void aDateEndsWithItsText() {
        CPPUNIT_ASSERT(!parseHttpDate(std::string(modified) + "x"));
        CPPUNIT_ASSERT(!parseHttpDate(std::string(modified) + std::string("\0x", 2)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConditionalsTest);
