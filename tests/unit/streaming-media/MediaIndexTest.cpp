#include "MediaIndex.h"

#include "IndexFile.h"
#include "SampleMedia.h"

#include <cppunit/extensions/HelperMacros.h>

#include <random>

using namespace playhouse::streaming;
using namespace playhouse::streaming::test;
namespace fs = std::filesystem;

class MediaIndexTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MediaIndexTest);
    CPPUNIT_TEST(tracksAreDescribed);
    CPPUNIT_TEST(frameRatesAreExact);
    CPPUNIT_TEST(primingIsDropped);
    CPPUNIT_TEST(samplesAreThoseOfTheFile);
    CPPUNIT_TEST(fragmentedFilesAreIndexed);
    CPPUNIT_TEST(keptIndexIsTheSame);
    CPPUNIT_TEST(replacedFileIsIndexedAnew);
    CPPUNIT_TEST(damagedIndexIsMadeAnew);
    CPPUNIT_TEST(indexThatCannotBeKeptIsNoError);
    CPPUNIT_TEST(truncatedFileIsRefusedByName);
    CPPUNIT_TEST(unusableFilesAreRefused);
    CPPUNIT_TEST(impossibleSampleCountIsRefused);
    CPPUNIT_TEST(impossibleRunIsRefusedWhateverItsLength);
    CPPUNIT_TEST(editListBetweenKeyFramesIsRefused);
    CPPUNIT_TEST(damagedHeadersNeverCrash);
    CPPUNIT_TEST_SUITE_END();

    TemporaryDirectory directory_;

    static bool same(const std::vector<Track>& left, const std::vector<Track>& right) {
        return encodeIndex(left, "") == encodeIndex(right, "");
    }

    fs::path keptIndex(const fs::path& directory) const { return *fs::directory_iterator(directory); }

    static std::string refusal(const fs::path& path) {
        try {
            indexMedia(path);
        } catch (const MediaError& error) {
            CPPUNIT_ASSERT(std::string(error.what()).find(path.filename().string()) != std::string::npos);
            return error.what();
        }
        return "";
    }

public:
    void tracksAreDescribed() {
        const auto media = indexMedia(sample::thirtyFrames());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, media.tracks.size());
        const auto& video = media.tracks[0];
        CPPUNIT_ASSERT(video.kind == TrackKind::Video);
        CPPUNIT_ASSERT_EQUAL(std::string("avc1."), video.codec.substr(0, 5));
        CPPUNIT_ASSERT_EQUAL(320, video.width);
        CPPUNIT_ASSERT_EQUAL(180, video.height);
        const auto& english = media.tracks[1];
        CPPUNIT_ASSERT_EQUAL(std::string("mp4a.40.2"), english.codec);
        CPPUNIT_ASSERT_EQUAL(std::string("en"), english.language);
        CPPUNIT_ASSERT_EQUAL(2, english.channels);
        CPPUNIT_ASSERT_EQUAL(48000, english.sampleRate);
        const auto& german = media.tracks[2];
        CPPUNIT_ASSERT_EQUAL(std::string("de"), german.language);
        CPPUNIT_ASSERT_EQUAL(1, german.channels);
        CPPUNIT_ASSERT_EQUAL(44100, german.sampleRate);
    }

    void frameRatesAreExact() {
        const auto rate = [](const fs::path& media) {
            const auto measured = indexMedia(media).tracks.front().frameRate;
            return std::to_string(measured.numerator) + "/" + std::to_string(measured.denominator);
        };
        CPPUNIT_ASSERT_EQUAL(std::string("30/1"), rate(sample::thirtyFrames()));
        CPPUNIT_ASSERT_EQUAL(std::string("30000/1001"), rate(sample::broadcastFrames()));
        CPPUNIT_ASSERT_EQUAL(std::string("25/1"), rate(sample::portrait()));
    }

    void primingIsDropped() {
        const auto media = indexMedia(sample::thirtyFrames());
        for (const auto& track : media.tracks) {
            std::int64_t earliest = 1;
            for (const auto& sample : track.samples)
                earliest = std::min(earliest, sample.decodeTime + sample.compositionOffset);
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, earliest);
        }
    }

    void samplesAreThoseOfTheFile() {
        const auto track = indexMedia(sample::thirtyFrames()).tracks.front();
        const auto probed = probe(sample::thirtyFrames(), "v:0");
        CPPUNIT_ASSERT_EQUAL(probed.size(), track.samples.size());
        for (std::size_t i = 0; i < probed.size(); ++i) {
            CPPUNIT_ASSERT_EQUAL(probed[i].decodeTime, track.samples[i].decodeTime);
            CPPUNIT_ASSERT_EQUAL(probed[i].size, std::int64_t{track.samples[i].size});
            CPPUNIT_ASSERT_EQUAL(i % 30 == 0, track.samples[i].isKey);
        }
    }

    std::filesystem::path fragmentedFile() const {
        auto path = directory_.path() / "fragmented.mp4";
        CPPUNIT_ASSERT_EQUAL(
            std::string(),
            run("ffmpeg -nostdin -v error -i " + sample::thirtyFrames().string() +
                " -map 0 -c copy -movflags frag_keyframe+empty_moov+default_base_moof " + path.string()));
        return path;
    }

    void fragmentedFilesAreIndexed() {
        const auto fragmented = indexMedia(fragmentedFile()).tracks;
        const auto plain = indexMedia(sample::thirtyFrames()).tracks;
        CPPUNIT_ASSERT_EQUAL(plain.size(), fragmented.size());
        CPPUNIT_ASSERT_EQUAL(plain[0].samples.size(), fragmented[0].samples.size());
    }

    void keptIndexIsTheSame() {
        for (const auto& media : sample::all()) {
            const auto indexes = directory_.path() / media.stem();
            const auto made = openMedia(media, indexes);
            const auto written = fs::last_write_time(keptIndex(indexes));
            const auto kept = openMedia(media, indexes);
            CPPUNIT_ASSERT(same(made.tracks, kept.tracks));
            CPPUNIT_ASSERT(same(indexMedia(media).tracks, kept.tracks));
            CPPUNIT_ASSERT(written == fs::last_write_time(keptIndex(indexes)));
        }
    }

    void replacedFileIsIndexedAnew() {
        const auto path = directory_.write("film.mp4", readFile(sample::portrait()));
        const auto indexes = directory_.path() / "indexes";
        CPPUNIT_ASSERT_EQUAL(180, openMedia(path, indexes).tracks.front().width);
        fs::rename(directory_.write("new.mp4", readFile(sample::slides())), path);
        CPPUNIT_ASSERT_EQUAL(320, openMedia(path, indexes).tracks.front().width);
    }

    void damagedIndexIsMadeAnew() {
        const auto indexes = directory_.path() / "indexes";
        const auto expected = openMedia(sample::portrait(), indexes);
        const auto path = keptIndex(indexes);
        const auto whole = readFile(path);
        const auto overwrite = [&path](const std::string& bytes) {
            std::filesystem::remove(path);
            TemporaryDirectory elsewhere;
            fs::copy_file(elsewhere.write("index", bytes), path);
        };
        for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{12}, whole.size() - 1}) {
            overwrite(whole.substr(0, size));
            CPPUNIT_ASSERT(same(expected.tracks, openMedia(sample::portrait(), indexes).tracks));
            CPPUNIT_ASSERT(readFile(path) == whole);
        }
        for (std::size_t position = 0; position < whole.size(); position += 97) {
            auto damaged = whole;
            damaged[position] = static_cast<char>(damaged[position] ^ 0x20);
            overwrite(damaged);
            CPPUNIT_ASSERT(same(expected.tracks, openMedia(sample::portrait(), indexes).tracks));
        }
    }

    void indexThatCannotBeKeptIsNoError() {
        const auto file = directory_.write("file", "no directory");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, openMedia(sample::portrait(), file / "indexes").tracks.size());
    }

    void truncatedFileIsRefusedByName() {
        const auto path = directory_.path() / "quick.mp4";
        run("ffmpeg -nostdin -v error -i " + sample::portrait().string() + " -c copy -movflags faststart " +
            path.string());
        const auto whole = readFile(path);
        for (const auto cut : {whole.size() - 1, whole.size() / 2, whole.size() / 10}) {
            const auto reason = refusal(directory_.write("cut.mp4", whole.substr(0, cut)));
            CPPUNIT_ASSERT_MESSAGE(
                reason, reason.find("truncated") != std::string::npos || reason.find("broken") != std::string::npos);
        }
    }

    void unusableFilesAreRefused() {
        CPPUNIT_ASSERT(refusal(directory_.path() / "absent.mp4") != "");
        CPPUNIT_ASSERT(refusal(directory_.write("empty.mp4", "")) != "");
        CPPUNIT_ASSERT(refusal(directory_.write("text.mp4", std::string(5000, 'x'))) != "");
        const auto encoded = [this](const std::string& name, const std::string& arguments) {
            const auto path = directory_.path() / name;
            run("ffmpeg -nostdin -v error -f lavfi -i testsrc2=duration=1:size=160x90:rate=25 " + arguments + " " +
                path.string());
            return refusal(path);
        };
        CPPUNIT_ASSERT(encoded("mpeg4.mp4", "-c:v mpeg4").find("no H.264") != std::string::npos);
        CPPUNIT_ASSERT(encoded("matroska.mkv", "-c:v libx264").find("no MP4") != std::string::npos);
    }

    void impossibleSampleCountIsRefused() {
        auto bytes = readFile(sample::frenchAudio());
        const auto table = bytes.find("stsz");
        CPPUNIT_ASSERT(table != std::string::npos);
        // One size for all samples, and 89 million of them.
        bytes.replace(table + 8, 8, std::string("\x00\x00\x00\x01\x05\x4f\x00\x00", 8));
        CPPUNIT_ASSERT(refusal(directory_.write("claims.m4a", bytes)).find("claims") != std::string::npos);
    }

    void impossibleRunIsRefusedWhateverItsLength() {
        auto bytes = readFile(fragmentedFile());
        const auto run = bytes.find("trun");
        CPPUNIT_ASSERT(run != std::string::npos);
        // Larger than the file, and 100 million samples.
        bytes.replace(run - 4, 4, "\xff\xff\xff\x1f");
        bytes.replace(run + 8, 4, std::string("\x05\xf5\xe1\x00", 4));
        CPPUNIT_ASSERT(refusal(directory_.write("claims.mp4", bytes)).find("claims") != std::string::npos);
    }

    void editListBetweenKeyFramesIsRefused() {
        const auto path = directory_.path() / "cut.mp4";
        run("ffmpeg -nostdin -v error -ss 0.5 -i " + sample::thirtyFrames().string() + " -map 0:v -c copy " +
            path.string());
        CPPUNIT_ASSERT(refusal(path).find("between key frames") != std::string::npos);
    }

    void damagedHeadersNeverCrash() {
        const auto whole = readFile(sample::slides());
        std::mt19937 random(11);
        const auto header = whole.find("moov");
        for (int attempt = 0; attempt < 400; ++attempt) {
            auto damaged = whole;
            for (int i = 0; i < 4; ++i)
                damaged[header + random() % (whole.size() - header)] = static_cast<char>(random());
            const auto path = directory_.write("damaged.mp4", damaged);
            try {
                const auto media = indexMedia(path);
                for (const auto& track : media.tracks)
                    for (const auto& sample : track.samples)
                        CPPUNIT_ASSERT(sample.offset + sample.size <= damaged.size());
            } catch (const MediaError&) {
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MediaIndexTest);
