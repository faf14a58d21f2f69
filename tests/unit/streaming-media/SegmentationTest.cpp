#include "Segmentation.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

using namespace playhouse::streaming;
using namespace std::chrono_literals;

class SegmentationTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SegmentationTest);
    CPPUNIT_TEST(videoIsCutAtTheFirstKeyFrameFromEachMultiple);
    CPPUNIT_TEST(videoWithFewKeyFramesHasLongerSegments);
    CPPUNIT_TEST(audioIsCutAtTheNearestFrameEdge);
    CPPUNIT_TEST(shortAudioRemainderJoinsTheLastSegment);
    CPPUNIT_TEST(segmentsCoverEverySampleOnce);
    CPPUNIT_TEST(targetOfNothingIsRefused);
    CPPUNIT_TEST_SUITE_END();

    static Track track(TrackKind kind, std::uint32_t timescale, std::uint32_t duration, std::size_t count,
                       std::size_t keyInterval) {
        Track made;
        made.kind = kind;
        made.timescale = timescale;
        for (std::size_t i = 0; i < count; ++i)
            made.samples.push_back({i, 1, duration, static_cast<std::int64_t>(i) * duration, 0, i % keyInterval == 0});
        return made;
    }

    static void assertCovers(const Track& track, const std::vector<Segment>& segments) {
        std::size_t next = 0;
        std::int64_t time = track.samples.front().decodeTime;
        for (const auto& segment : segments) {
            CPPUNIT_ASSERT_EQUAL(next, segment.firstSample);
            CPPUNIT_ASSERT_EQUAL(time, segment.start);
            CPPUNIT_ASSERT(segment.sampleCount > 0);
            CPPUNIT_ASSERT(track.samples[segment.firstSample].isKey);
            next += segment.sampleCount;
            time += segment.duration;
        }
        CPPUNIT_ASSERT_EQUAL(track.samples.size(), next);
        CPPUNIT_ASSERT_EQUAL(track.samples.back().decodeTime + track.samples.back().duration, time);
    }

public:
    void videoIsCutAtTheFirstKeyFrameFromEachMultiple() {
        const auto segments = segmentVideo(track(TrackKind::Video, 30000, 1001, 300, 20), 2s);
        // Key frames every 0.667 s: from 2 s on the first is at 2.002, from 4 s on at 4.004.
        CPPUNIT_ASSERT_EQUAL(std::size_t{60}, segments[1].firstSample);
        CPPUNIT_ASSERT_EQUAL(std::size_t{120}, segments[2].firstSample);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60060}, segments[1].start);
    }

    void videoWithFewKeyFramesHasLongerSegments() {
        const auto segments = segmentVideo(track(TrackKind::Video, 25, 1, 250, 125), 2s);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, segments.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{125}, segments[0].duration);
    }

    void audioIsCutAtTheNearestFrameEdge() {
        const auto segments = segmentAudio(track(TrackKind::Audio, 48000, 1024, 469, 1), 2s);
        // 2 s are 93.75 frames, 4 s 187.5 (the earlier edge of two), 6 s 281.25.
        CPPUNIT_ASSERT_EQUAL(std::size_t{94}, segments[1].firstSample);
        CPPUNIT_ASSERT_EQUAL(std::size_t{187}, segments[2].firstSample);
        CPPUNIT_ASSERT_EQUAL(std::size_t{281}, segments[3].firstSample);
    }

    void shortAudioRemainderJoinsTheLastSegment() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, segmentAudio(track(TrackKind::Audio, 48000, 1024, 100, 1), 2s).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, segmentAudio(track(TrackKind::Audio, 48000, 1024, 110, 1), 2s).size());
    }

    void segmentsCoverEverySampleOnce() {
        for (const auto target : {1ms, 40ms, 500ms, 2000ms, 6000ms, 100000ms}) {
            for (const std::size_t interval : {1u, 7u, 30u, 1000u}) {
                const auto video = track(TrackKind::Video, 12800, 512, 777, interval);
                assertCovers(video, segmentVideo(video, target));
            }
            for (const std::size_t count : {1u, 2u, 95u, 1000u}) {
                const auto audio = track(TrackKind::Audio, 44100, 1024, count, 1);
                assertCovers(audio, segmentAudio(audio, target));
            }
        }
    }

    void targetOfNothingIsRefused() {
        CPPUNIT_ASSERT_THROW(segmentVideo(track(TrackKind::Video, 25, 1, 10, 1), 0ms), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(segmentAudio(track(TrackKind::Audio, 25, 1, 10, 1), -1ms), std::invalid_argument);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SegmentationTest);
