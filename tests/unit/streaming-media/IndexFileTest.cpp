#include "IndexFile.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <limits>

using namespace playhouse::streaming;

class IndexFileTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(IndexFileTest);
    CPPUNIT_TEST(comesBackAsItWas);
    CPPUNIT_TEST(impossibleNumbersAreRefused);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::uint64_t fileSize = 1000;

    static Track track() {
        Track track;
        track.codec = "avc1.64001f";
        track.language = "und";
        track.timescale = 90000;
        track.frameRate = {30, 1};
        track.samples = {{48, 100, 3000, -3000, 3000, true}, {148, 50, 3000, 0, 6000, false}};
        return track;
    }

    static bool isTaken(const Track& one) {
        return decodeIndex(encodeIndex({one}, "fingerprint"), "fingerprint", fileSize).has_value();
    }

    void comesBackAsItWas() {
        const auto bytes = encodeIndex({track()}, "fingerprint");
        const auto again = decodeIndex(bytes, "fingerprint", fileSize);
        CPPUNIT_ASSERT(again && encodeIndex(*again, "fingerprint") == bytes);
        CPPUNIT_ASSERT(!decodeIndex(bytes, "another", fileSize));
    }

    /// A good checksum does not make numbers that would overflow, or be divided by, good ones.
    void impossibleNumbersAreRefused() {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        const std::function<void(Track&)> damages[] = {
            [](Track& one) { one.timescale = 0; },
            [](Track& one) { one.frameRate.denominator = 0; },
            [](Track& one) { one.sampleAspectRatio.denominator = 0; },
            [](Track& one) { one.samples[0].decodeTime = most; },
            [](Track& one) { one.samples[0].decodeTime = std::numeric_limits<std::int64_t>::min(); },
            [](Track& one) { one.samples[1].offset = fileSize; },
        };
        CPPUNIT_ASSERT(isTaken(track()));
        for (const auto& damage : damages) {
            auto one = track();
            damage(one);
            CPPUNIT_ASSERT(!isTaken(one));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IndexFileTest);
