#include "CommonMedia.h"
#include "CommonMediaSource.h"
#include "SampleMedia.h"

#include <cppunit/extensions/HelperMacros.h>

#include <variant>

using namespace playhouse;
using namespace playhouse::streaming;
using namespace playhouse::streaming::test;

class CommonMediaTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CommonMediaTest);
    CPPUNIT_TEST(everySegmentDecodesAfterItsInitialization);
    CPPUNIT_TEST(allSegmentsDecodeInARow);
    CPPUNIT_TEST(timestampsAreTheSources);
    CPPUNIT_TEST(presentationStartsAtZero);
    CPPUNIT_TEST(sizeIsKnownBeforehand);
    CPPUNIT_TEST(eachKeyFrameHasItsFragment);
    CPPUNIT_TEST(keyFrameRangesDecodeToOnePicture);
    CPPUNIT_TEST(longRunsAreSentFromTheFile);
    CPPUNIT_TEST(sourceGivesTheSameInPiecesOfAnySize);
    CPPUNIT_TEST(initializationTellsColourAndLanguage);
    CPPUNIT_TEST(unknownSegmentIsRefused);
    CPPUNIT_TEST(shortenedFileThrows);
    CPPUNIT_TEST_SUITE_END();

    struct Packaged {
        SegmentedTrack source;
        CommonMediaPackager packager;
        std::vector<std::string> segments;

        std::string initialization() const { return std::string(packager.initialization().text()); }
        std::string whole() const {
            auto bytes = initialization();
            for (const auto& segment : segments) bytes += segment;
            return bytes;
        }
    };

    static const std::vector<Packaged>& packaged() {
        static const auto made = [] {
            std::vector<Packaged> tracks;
            for (const auto& media : sample::all())
                for (auto& source : segmented(media)) {
                    CommonMediaPackager packager(source.file, source.track, source.segments);
                    std::vector<std::string> segments;
                    for (std::size_t i = 0; i < source.segments.size(); ++i)
                        segments.push_back(bytesOf(packager.segment(i)));
                    tracks.push_back({std::move(source), std::move(packager), std::move(segments)});
                }
            return tracks;
        }();
        return made;
    }

    TemporaryDirectory directory_;

public:
    void everySegmentDecodesAfterItsInitialization() {
        for (const auto& track : packaged())
            for (const auto& segment : track.segments)
                CPPUNIT_ASSERT_EQUAL(std::string(),
                                     decode(directory_.write("segment.mp4", track.initialization() + segment)));
    }

    void allSegmentsDecodeInARow() {
        for (const auto& track : packaged())
            CPPUNIT_ASSERT_EQUAL(std::string(), decode(directory_.write("whole.mp4", track.whole())));
    }

    void timestampsAreTheSources() {
        for (const auto& track : packaged()) {
            const auto& samples = track.source.track->samples;
            const auto probed = probe(directory_.write("whole.mp4", track.whole()));
            CPPUNIT_ASSERT_EQUAL(samples.size(), probed.size());
            // Decode times begin at 0. ffprobe moves presentation by the lowest offset below 0 that it meets.
            const auto decodeShift = -samples.front().decodeTime;
            std::int64_t probeShift = 0;
            for (const auto& sample : samples)
                probeShift = std::max(probeShift, decodeShift - sample.compositionOffset);
            for (std::size_t i = 0; i < samples.size(); ++i) {
                const auto& sample = samples[i];
                CPPUNIT_ASSERT_EQUAL(sample.decodeTime + decodeShift, probed[i].decodeTime);
                CPPUNIT_ASSERT_EQUAL(sample.decodeTime + sample.compositionOffset + probeShift,
                                     probed[i].presentationTime);
                CPPUNIT_ASSERT_EQUAL(std::int64_t{samples[i].size}, probed[i].size);
            }
        }
    }

    void presentationStartsAtZero() {
        for (const auto& track : packaged()) {
            const auto& segment = track.segments.front();
            const auto number = [&segment](std::size_t position) {
                std::uint32_t value = 0;
                for (std::size_t i = 0; i < 4; ++i)
                    value = value << 8 | static_cast<unsigned char>(segment[position + i]);
                return value;
            };
            const auto decodeTime = number(segment.find("tfdt") + 12);
            CPPUNIT_ASSERT_EQUAL(0u, decodeTime);
            const auto run = segment.find("trun");
            const auto flags = number(run + 4) & 0xffffff;
            if (!(flags & 0x800)) continue;
            // After the count, the data offset and the first sample's flags: perhaps a duration, then size and offset.
            const auto offset = static_cast<std::int32_t>(number(run + (flags & 0x100 ? 28 : 24)));
            CPPUNIT_ASSERT_EQUAL(0, static_cast<int>(decodeTime) + offset);
        }
    }

    void sizeIsKnownBeforehand() {
        for (const auto& track : packaged())
            for (std::size_t i = 0; i < track.segments.size(); ++i) {
                CPPUNIT_ASSERT_EQUAL(std::uint64_t{track.segments[i].size()}, track.packager.segmentSize(i));
                CPPUNIT_ASSERT(track.packager.segment(i).size() == track.segments[i].size());
            }
    }

    void eachKeyFrameHasItsFragment() {
        const auto& video = packaged().front();
        const auto& segment = video.segments.front();
        const auto count = [&segment](std::string_view type) {
            int found = 0;
            for (auto at = segment.find(type); at != std::string::npos; at = segment.find(type, at + 1)) ++found;
            return found;
        };
        CPPUNIT_ASSERT_EQUAL(2, count("moof"));
        CPPUNIT_ASSERT_EQUAL(2, count("tfdt"));
        CPPUNIT_ASSERT_EQUAL(1, count("sidx"));
    }

    void keyFrameRangesDecodeToOnePicture() {
        for (const auto& track : packaged()) {
            if (track.source.track->kind == TrackKind::Audio) continue;
            std::int64_t next = 0;
            for (const auto& range : track.packager.keyFrames()) {
                CPPUNIT_ASSERT_EQUAL(next, range.start);
                next += range.duration;
                const auto picture = track.segments[range.segment].substr(range.offset, range.size);
                CPPUNIT_ASSERT_EQUAL(std::string("moof"), picture.substr(4, 4));
                CPPUNIT_ASSERT_EQUAL(1, countFrames(directory_.write("key.mp4", track.initialization() + picture)));
            }
            const auto& last = track.source.segments.back();
            CPPUNIT_ASSERT_EQUAL(last.start + last.duration, next);
        }
    }

    void longRunsAreSentFromTheFile() {
        // The M4A holds its frames in a row; the film's are scattered among those of other tracks.
        const auto& french = packaged().back();
        CPPUNIT_ASSERT(std::holds_alternative<playhouse::FileRange>(french.packager.segment(0).parts().back()));
        const auto& english = packaged()[1];
        CPPUNIT_ASSERT(std::holds_alternative<playhouse::SharedBuffer>(english.packager.segment(0).parts().back()));
    }

    void sourceGivesTheSameInPiecesOfAnySize() {
        const auto& source = packaged().front().source;
        const auto& samples = source.track->samples;
        std::string expected = "boxes of one";
        const auto append = [&](std::size_t first, std::size_t count) {
            for (auto i = first; i < first + count; ++i) {
                std::string bytes(samples[i].size, ' ');
                source.file.read(samples[i].offset, bytes.data(), bytes.size());
                expected += bytes;
            }
        };
        append(0, 30);
        expected += "boxes of two";
        append(30, 11);
        for (const std::size_t most : {1ul, 3ul, 1000ul, 65536ul, expected.size() + 1}) {
            CommonMediaSource made(source.file, source.track,
                                   {{SharedBuffer("boxes of one"), 0, 30}, {SharedBuffer("boxes of two"), 30, 11}},
                                   expected.size());
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{expected.size()}, made.size().value());
            std::string got;
            std::vector<std::byte> span(most);
            while (const auto count = made.read(span)) got.append(reinterpret_cast<const char*>(span.data()), count);
            CPPUNIT_ASSERT(got == expected);
        }
    }

    void initializationTellsColourAndLanguage() {
        const auto tell = [this](const Packaged& track) {
            return run(
                "ffprobe -v error -show_entries stream=color_space,width,height,sample_aspect_ratio:"
                "stream_tags=language -of compact " +
                directory_.write("init.mp4", track.initialization() + track.segments[0]).string());
        };
        CPPUNIT_ASSERT(tell(packaged()[1]).find("language=eng") != std::string::npos);
        CPPUNIT_ASSERT(tell(packaged()[2]).find("language=deu") != std::string::npos);
        CPPUNIT_ASSERT(tell(packaged()[3]).find("color_space=bt709") != std::string::npos);
        CPPUNIT_ASSERT(tell(packaged()[4]).find("width=180|height=320|sample_aspect_ratio=1:1") != std::string::npos);
    }

    void unknownSegmentIsRefused() {
        const auto& track = packaged().front();
        CPPUNIT_ASSERT_THROW(track.packager.segment(track.segments.size()), std::out_of_range);
        CPPUNIT_ASSERT_THROW(track.packager.segmentSize(track.segments.size()), std::out_of_range);
    }

    void shortenedFileThrows() {
        const auto copy = directory_.write("copy.mp4", readFile(sample::thirtyFrames()));
        const auto source = segmented(copy)[1];
        const CommonMediaPackager packager(source.file, source.track, source.segments);
        std::filesystem::resize_file(copy, 1000);
        CPPUNIT_ASSERT_THROW(packager.segment(0), std::runtime_error);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CommonMediaTest);
