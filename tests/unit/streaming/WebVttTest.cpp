#include "WebVtt.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

class WebVttTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebVttTest);
    CPPUNIT_TEST(readsCuesWithIdentifiersSettingsAndLines);
    CPPUNIT_TEST(acceptsByteOrderMarkAndAnyLineEnding);
    CPPUNIT_TEST(passesOverNotes);
    CPPUNIT_TEST(cueAcrossABoundaryIsInBothSegments);
    CPPUNIT_TEST(cueThatEndsAtABoundaryIsNotInTheNext);
    CPPUNIT_TEST(segmentMapsItsTimesToTheMedia);
    CPPUNIT_TEST(segmentKeepsStyles);
    CPPUNIT_TEST(refusesWhatIsNotWebVtt);
    CPPUNIT_TEST(refusalNamesTheLine);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsCuesWithIdentifiersSettingsAndLines() {
        const WebVtt vtt(
            "WEBVTT - title\n\nfirst\n00:01.000 --> 01:00:02.500 line:0 align:start\nHello\n<i>world</i>\n");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, vtt.cues().size());
        const auto& cue = vtt.cues().front();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1000}, cue.startMilliseconds);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3602500}, cue.endMilliseconds);
        CPPUNIT_ASSERT_EQUAL(std::string("first"), cue.identifier);
        CPPUNIT_ASSERT_EQUAL(std::string("line:0 align:start"), cue.settings);
        CPPUNIT_ASSERT_EQUAL(std::string("Hello\n<i>world</i>"), cue.payload);
    }

    void acceptsByteOrderMarkAndAnyLineEnding() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, WebVtt("\xEF\xBB\xBFWEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nA\r\n\r\n"
                                                    "00:03.000-->00:04.000\r\nB")
                                                 .cues()
                                                 .size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, WebVtt("WEBVTT\r\r00:01.000 --> 00:02.000\rA\r").cues().size());
    }

    void passesOverNotes() {
        const WebVtt vtt("WEBVTT\n\nNOTE by hand\nof two lines\n\n00:01.000 --> 00:02.000\nA\n\nNOTE\nlast\n");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, vtt.cues().size());
    }

    void cueAcrossABoundaryIsInBothSegments() {
        const WebVtt vtt("WEBVTT\n\n00:03.000 --> 00:05.000\nA\n");
        const std::string cue = "\n00:00:03.000 --> 00:00:05.000\nA\n";
        CPPUNIT_ASSERT(vtt.segment(0, 4000, 0).ends_with(cue));
        CPPUNIT_ASSERT(vtt.segment(4000, 8000, 0).ends_with(cue));
    }

    void cueThatEndsAtABoundaryIsNotInTheNext() {
        const WebVtt vtt("WEBVTT\n\n00:03.000 --> 00:04.000\nA\n\n00:08.000 --> 00:09.000\nB\n");
        CPPUNIT_ASSERT(vtt.segment(4000, 8000, 0).find("-->") == std::string::npos);
    }

    void segmentMapsItsTimesToTheMedia() {
        CPPUNIT_ASSERT_EQUAL(std::string("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n"),
                             WebVtt("WEBVTT").segment(0, 4000, 900000));
    }

    void segmentKeepsStyles() {
        const WebVtt vtt("WEBVTT\n\nSTYLE\n::cue { color: red }\n\n00:01.000 --> 00:02.000\nA\n");
        CPPUNIT_ASSERT(vtt.segment(4000, 8000, 0).ends_with("\nSTYLE\n::cue { color: red }\n"));
    }

    void refusesWhatIsNotWebVtt() {
        CPPUNIT_ASSERT_THROW(WebVtt(""), WebVttError);
        CPPUNIT_ASSERT_THROW(WebVtt("1\n00:00:01,000 --> 00:00:02,000\nSubRip\n"), WebVttError);
        CPPUNIT_ASSERT_THROW(WebVtt("WEBVTTX\n"), WebVttError);
    }

    void refusalNamesTheLine() {
        for (const auto* broken :
             {"WEBVTT\n\nlost text\n\n", "WEBVTT\n\n00:01,000 --> 00:02.000\nA", "WEBVTT\n\n00:02.000 --> 00:01.000\nA",
              "WEBVTT\n\n00:61.000 --> 01:02.000\nA", "WEBVTT\n\n00:01.000 --> 00:02.000x\nA"}) {
            try {
                const WebVtt vtt{std::string_view(broken)};
                CPPUNIT_FAIL(std::string("accepted: ") + broken);
            } catch (const WebVttError& refusal) {
                CPPUNIT_ASSERT_MESSAGE(refusal.what(), std::string(refusal.what()).starts_with("line "));
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebVttTest);

}  // namespace playhouse::streaming
