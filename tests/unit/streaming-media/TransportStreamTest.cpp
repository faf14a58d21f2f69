#include "SampleMedia.h"
#include "TransportStream.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <map>
#include <random>

using namespace playhouse::streaming;
using namespace playhouse::streaming::test;

namespace {

constexpr std::size_t packetSize = 188;

unsigned at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

std::int64_t toClockTicks(std::int64_t time, std::uint32_t timescale) {
    const auto exact = static_cast<long double>(time) * 90000 / timescale;
    return TransportStreamPackager::timestampOffset + static_cast<std::int64_t>(std::floor(exact + 0.5L));
}

}  // namespace

class TransportStreamTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TransportStreamTest);
    CPPUNIT_TEST(everySegmentDecodesAlone);
    CPPUNIT_TEST(allSegmentsDecodeInARow);
    CPPUNIT_TEST(timestampsAreTheSourcesAndTheOffset);
    CPPUNIT_TEST(countersRunOnAcrossSegments);
    CPPUNIT_TEST(clocksComeEveryTenthOfASecond);
    CPPUNIT_TEST(segmentsBeginWithTablesAndAKeyFrame);
    CPPUNIT_TEST(sizeIsKnownBeforehand);
    CPPUNIT_TEST(anySpanReadsTheSameBytes);
    CPPUNIT_TEST(skippingReadsTheSameBytes);
    CPPUNIT_TEST(keyFrameRangesDecodeToOnePicture);
    CPPUNIT_TEST(tablesNameLanguageAndCodec);
    CPPUNIT_TEST(samplesThatShareBytesAreWrittenEach);
    CPPUNIT_TEST(unknownSegmentIsRefused);
    CPPUNIT_TEST(shortenedFileThrows);
    CPPUNIT_TEST(sourceOutlivesItsPackager);
    CPPUNIT_TEST_SUITE_END();

    struct Packaged {
        SegmentedTrack source;
        std::shared_ptr<const TransportStreamPackager> packager;
        std::vector<std::string> segments;

        std::string whole() const {
            std::string bytes;
            for (const auto& segment : segments) bytes += segment;
            return bytes;
        }
    };

    static const std::vector<Packaged>& packaged() {
        static const auto made = [] {
            std::vector<Packaged> tracks;
            for (const auto& media : sample::all())
                for (auto& source : segmented(media)) {
                    auto packager = TransportStreamPackager::make(source.file, source.track, source.segments);
                    std::vector<std::string> segments;
                    for (std::size_t i = 0; i < source.segments.size(); ++i)
                        segments.push_back(bytesOf(playhouse::Body(packager->segment(i))));
                    tracks.push_back({std::move(source), std::move(packager), std::move(segments)});
                }
            return tracks;
        }();
        return made;
    }

    TemporaryDirectory directory_;

public:
    void everySegmentDecodesAlone() {
        for (const auto& track : packaged())
            for (const auto& segment : track.segments)
                CPPUNIT_ASSERT_EQUAL(std::string(), decode(directory_.write("segment.ts", segment)));
    }

    void allSegmentsDecodeInARow() {
        for (const auto& track : packaged())
            CPPUNIT_ASSERT_EQUAL(std::string(), decode(directory_.write("whole.ts", track.whole())));
    }

    void timestampsAreTheSourcesAndTheOffset() {
        for (const auto& track : packaged()) {
            const auto& samples = track.source.track->samples;
            const auto probed = probe(directory_.write("whole.ts", track.whole()));
            CPPUNIT_ASSERT_EQUAL(samples.size(), probed.size());
            // Within a PES packet ffprobe adds up the AAC frames' durations, in ticks of its own.
            const std::int64_t tolerance = track.source.track->kind == TrackKind::Video ? 0 : 5;
            for (std::size_t i = 0; i < samples.size(); ++i) {
                const auto timescale = track.source.track->timescale;
                const auto decodeTime = toClockTicks(samples[i].decodeTime, timescale);
                const auto time = toClockTicks(samples[i].decodeTime + samples[i].compositionOffset, timescale);
                CPPUNIT_ASSERT(std::abs(probed[i].decodeTime - decodeTime) <= tolerance);
                CPPUNIT_ASSERT(std::abs(probed[i].presentationTime - time) <= tolerance);
            }
        }
    }

    void countersRunOnAcrossSegments() {
        for (const auto& track : packaged()) {
            const auto whole = track.whole();
            std::map<unsigned, unsigned> next;
            for (std::size_t packet = 0; packet < whole.size(); packet += packetSize) {
                CPPUNIT_ASSERT_EQUAL(0x47u, at(whole, packet));
                const auto pid = (at(whole, packet + 1) & 0x1f) << 8 | at(whole, packet + 2);
                const bool hasPayload = (at(whole, packet + 3) & 0x10) != 0;
                const auto counter = at(whole, packet + 3) & 15;
                const auto expected = hasPayload ? next[pid] & 15 : (next[pid] - 1) & 15;
                CPPUNIT_ASSERT_EQUAL(expected, counter);
                if (hasPayload) ++next[pid];
            }
        }
    }

    void clocksComeEveryTenthOfASecond() {
        for (const auto& track : packaged()) {
            const auto whole = track.whole();
            std::uint64_t last = 0;
            for (std::size_t packet = 0; packet < whole.size(); packet += packetSize) {
                const bool hasAdaptation = (at(whole, packet + 3) & 0x20) != 0;
                if (!hasAdaptation || at(whole, packet + 4) == 0 || !(at(whole, packet + 5) & 0x10)) continue;
                std::uint64_t clock = 0;
                for (std::size_t i = 0; i < 4; ++i) clock = clock << 8 | at(whole, packet + 6 + i);
                clock = clock << 1 | at(whole, packet + 10) >> 7;
                CPPUNIT_ASSERT(clock > last);
                if (last != 0) CPPUNIT_ASSERT(clock - last <= 9000);
                last = clock;
            }
        }
    }

    void segmentsBeginWithTablesAndAKeyFrame() {
        for (const auto& track : packaged())
            for (const auto& segment : track.segments) {
                CPPUNIT_ASSERT_EQUAL(0x40u, at(segment, 1));
                CPPUNIT_ASSERT_EQUAL(0u, at(segment, 2));
                CPPUNIT_ASSERT_EQUAL(0x50u, at(segment, packetSize + 1));
                CPPUNIT_ASSERT_EQUAL(0x41u, at(segment, 2 * packetSize + 1));
                CPPUNIT_ASSERT_EQUAL(0x50u, at(segment, 2 * packetSize + 5));  // random access, and a clock
            }
    }

    void sizeIsKnownBeforehand() {
        for (const auto& track : packaged())
            for (std::size_t i = 0; i < track.segments.size(); ++i) {
                CPPUNIT_ASSERT_EQUAL(std::uint64_t{track.segments[i].size()}, track.packager->segmentSize(i));
                CPPUNIT_ASSERT(track.packager->segment(i)->size() == track.segments[i].size());
            }
    }

    void anySpanReadsTheSameBytes() {
        for (const auto& track : packaged())
            for (const std::size_t step : {1u, 7u, 187u, 188u, 189u, 1000u, 65536u, 1u << 20})
                CPPUNIT_ASSERT(track.segments.back() ==
                               bytesOf(playhouse::Body(track.packager->segment(track.segments.size() - 1)), step));
    }

    void skippingReadsTheSameBytes() {
        std::mt19937 random(7);
        for (const auto& track : packaged()) {
            const auto& expected = track.segments.front();
            for (int attempt = 0; attempt < 50; ++attempt) {
                auto source = track.packager->segment(0);
                std::size_t position = 0;
                while (position < expected.size()) {
                    const auto left = expected.size() - position;
                    const auto skipped = random() % std::min<std::size_t>(left + 1, 20000);
                    source->skip(skipped);
                    position += skipped;
                    std::vector<std::byte> span(random() % 700);
                    const auto count = source->read(span);
                    CPPUNIT_ASSERT(
                        expected.compare(position, count, reinterpret_cast<const char*>(span.data()), count) == 0);
                    position += count;
                }
                CPPUNIT_ASSERT_EQUAL(expected.size(), position);
            }
        }
    }

    void keyFrameRangesDecodeToOnePicture() {
        for (const auto& track : packaged()) {
            const auto ranges = track.packager->keyFrames();
            if (track.source.track->kind == TrackKind::Audio) {
                CPPUNIT_ASSERT(ranges.empty());
                continue;
            }
            std::int64_t next = 0;
            for (const auto& range : ranges) {
                CPPUNIT_ASSERT_EQUAL(next, range.start);
                next += range.duration;
                const auto& segment = track.segments[range.segment];
                const auto tables = segment.substr(0, 2 * 188);
                const auto picture = tables + segment.substr(range.offset, range.size);
                CPPUNIT_ASSERT(range.offset >= tables.size());
                const auto path = directory_.write("key.ts", picture);
                CPPUNIT_ASSERT_EQUAL(std::string(), decode(path));
                CPPUNIT_ASSERT_EQUAL(1, countFrames(path));
            }
            const auto& last = track.source.segments.back();
            CPPUNIT_ASSERT_EQUAL(last.start + last.duration, next);
        }
    }

    void tablesNameLanguageAndCodec() {
        const auto described =
            run("ffprobe -v error -show_entries stream=codec_name:stream_tags=language -of csv=p=0 " +
                directory_.write("english.ts", packaged()[1].segments.front()).string());
        CPPUNIT_ASSERT(described.find("aac,eng") != std::string::npos);
    }

    void samplesThatShareBytesAreWrittenEach() {
        for (const auto& source : segmented(sample::slides())) {
            if (source.track->kind != TrackKind::Video) continue;
            auto track = std::make_shared<Track>(*source.track);
            auto& samples = track->samples;
            for (std::size_t i = 1; i < samples.size(); i += 2) {
                samples[i].offset = samples[i - 1].offset;
                samples[i].size = samples[i - 1].size;
            }
            const auto packager = TransportStreamPackager::make(source.file, track, source.segments);
            for (std::size_t i = 0; i < source.segments.size(); ++i)
                CPPUNIT_ASSERT_EQUAL(packager->segmentSize(i), bytesOf(playhouse::Body(packager->segment(i))).size());
        }
    }

    void unknownSegmentIsRefused() {
        const auto& track = packaged().front();
        CPPUNIT_ASSERT_THROW(track.packager->segment(track.segments.size()), std::out_of_range);
        CPPUNIT_ASSERT_THROW(track.packager->segmentSize(track.segments.size()), std::out_of_range);
    }

    void shortenedFileThrows() {
        const auto copy = directory_.write("copy.mp4", readFile(sample::portrait()));
        const auto source = segmented(copy).front();
        const auto packager = TransportStreamPackager::make(source.file, source.track, source.segments);
        std::filesystem::resize_file(copy, 1000);
        CPPUNIT_ASSERT_THROW(bytesOf(playhouse::Body(packager->segment(0))), std::runtime_error);
    }

    void sourceOutlivesItsPackager() {
        auto source = segmented(sample::portrait()).front();
        auto packager = TransportStreamPackager::make(source.file, source.track, source.segments);
        const auto size = packager->segmentSize(0);
        const playhouse::Body body(packager->segment(0));
        packager.reset();
        source.track.reset();
        CPPUNIT_ASSERT_EQUAL(size, std::uint64_t{bytesOf(body).size()});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TransportStreamTest);
