#include "routing/RoutePattern.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>

using namespace playhouse::host;

class RoutePatternTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RoutePatternTest);
    CPPUNIT_TEST(takesAPatternApart);
    CPPUNIT_TEST(shapeForgetsTheNames);
    CPPUNIT_TEST(refusesMalformedPatternsByName);
    CPPUNIT_TEST_SUITE_END();

    void takesAPatternApart() {
        const RoutePattern pattern("/stream/{videoId}/segment-{n}.ts/{rest...}");
        const auto& segments = pattern.segments();
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, segments.size());
        CPPUNIT_ASSERT_EQUAL(std::string("stream"), segments[0].prefix);
        CPPUNIT_ASSERT_EQUAL(std::string("videoId"), segments[1].name);
        CPPUNIT_ASSERT_EQUAL(std::string("segment-"), segments[2].prefix);
        CPPUNIT_ASSERT_EQUAL(std::string(".ts"), segments[2].suffix);
        CPPUNIT_ASSERT(segments[3].kind == RoutePattern::Segment::Kind::Rest);
    }

    void shapeForgetsTheNames() {
        CPPUNIT_ASSERT_EQUAL(RoutePattern("/a/{x}/b-{y}.c/{z...}").shape(),
                             RoutePattern("/a/{k}/b-{l}.c/{m...}").shape());
        CPPUNIT_ASSERT(RoutePattern("/a/{x}").shape() != RoutePattern("/a/x").shape());
    }

    void refusesMalformedPatternsByName() {
        for (const std::string pattern : {"", "a", "/{", "/}", "/{}", "/{a-b}", "/{a}{b}", "/{a...}/b", "/x{a...}",
                                          "/{a}/{a}", "/{...}", "/a/./b", "/..", "/a\tb", "/a\x7f"}) {
            try {
                const RoutePattern accepted(pattern);
                CPPUNIT_FAIL("accepted " + pattern);
            } catch (const std::invalid_argument& problem) {
                CPPUNIT_ASSERT(std::string(problem.what()).find("\"" + pattern + "\"") != std::string::npos);
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RoutePatternTest);
