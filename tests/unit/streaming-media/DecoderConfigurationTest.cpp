#include "DecoderConfiguration.h"

#include <cppunit/extensions/HelperMacros.h>

#include <initializer_list>
#include <stdexcept>
#include <vector>

using namespace playhouse::streaming;

class DecoderConfigurationTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DecoderConfigurationTest);
    CPPUNIT_TEST(avcRecordBecomesParameterSetsWithStartCodes);
    CPPUNIT_TEST(brokenAvcRecordIsRefused);
    CPPUNIT_TEST(aacConfigurationNamesItsCodec);
    CPPUNIT_TEST(aacThatAdtsCannotSayIsRefused);
    CPPUNIT_TEST(accessUnitTellsKeyFrame);
    CPPUNIT_TEST(brokenAccessUnitIsRefused);
    CPPUNIT_TEST_SUITE_END();

    static std::vector<std::byte> bytes(std::initializer_list<int> values) {
        std::vector<std::byte> made;
        for (const int value : values) made.push_back(static_cast<std::byte>(value));
        return made;
    }

public:
    void avcRecordBecomesParameterSetsWithStartCodes() {
        const auto parsed =
            AvcConfiguration::parse(bytes({1, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0, 2, 0x67, 0xaa, 1, 0, 2, 0x68, 0xbb}));
        CPPUNIT_ASSERT_EQUAL(std::string("avc1.64001f"), parsed.codec);
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, parsed.lengthSize);
        CPPUNIT_ASSERT(parsed.parameterSets == bytes({0, 0, 0, 1, 0x67, 0xaa, 0, 0, 0, 1, 0x68, 0xbb}));
    }

    void brokenAvcRecordIsRefused() {
        CPPUNIT_ASSERT_THROW(AvcConfiguration::parse({}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(AvcConfiguration::parse(bytes({2, 0x64, 0, 0x1f, 0xff, 0xe0, 0})), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(AvcConfiguration::parse(bytes({1, 0x64, 0, 0x1f, 0xff, 0xe0, 0})), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(AvcConfiguration::parse(bytes({1, 0x64, 0, 0x1f, 0xff, 0xe1, 0xff, 0xff, 0x67})),
                             std::invalid_argument);
    }

    void aacConfigurationNamesItsCodec() {
        const auto stereo = AacConfiguration::parse(bytes({0x11, 0x90}));
        CPPUNIT_ASSERT_EQUAL(std::string("mp4a.40.2"), stereo.codec);
        CPPUNIT_ASSERT_EQUAL(1, int{stereo.profile});
        CPPUNIT_ASSERT_EQUAL(3, int{stereo.frequencyIndex});
        CPPUNIT_ASSERT_EQUAL(2, int{stereo.channels});
        const auto efficient = AacConfiguration::parse(bytes({0x2b, 0x11, 0x88, 0x00}));  // HE-AAC, a core of 24 kHz
        CPPUNIT_ASSERT_EQUAL(std::string("mp4a.40.5"), efficient.codec);
        CPPUNIT_ASSERT_EQUAL(1, int{efficient.profile});
        CPPUNIT_ASSERT_EQUAL(6, int{efficient.frequencyIndex});
    }

    void aacThatAdtsCannotSayIsRefused() {
        CPPUNIT_ASSERT_THROW(AacConfiguration::parse(bytes({0x11})), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(AacConfiguration::parse(bytes({0x11, 0x80})), std::invalid_argument);  // no layout
        CPPUNIT_ASSERT_THROW(AacConfiguration::parse(bytes({0x17, 0x80, 0x5d, 0xc0, 0x10})), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(AacConfiguration::parse(bytes({0xf9, 0x46, 0x40})), std::invalid_argument);  // xHE-AAC
    }

    void accessUnitTellsKeyFrame() {
        CPPUNIT_ASSERT(inspectAccessUnit(bytes({0, 0, 0, 2, 0x09, 0xf0, 0, 0, 0, 2, 0x65, 0x88})));
        CPPUNIT_ASSERT(!inspectAccessUnit(bytes({0, 0, 0, 2, 0x41, 0x9a})));
    }

    void brokenAccessUnitIsRefused() {
        CPPUNIT_ASSERT_THROW(inspectAccessUnit(bytes({0, 0, 0, 9, 0x41})), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(inspectAccessUnit(bytes({0, 0, 0, 0})), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(inspectAccessUnit(bytes({0, 0, 0, 1, 0x41, 0, 0})), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(inspectAccessUnit(bytes({0, 0, 0, 2, 0x09, 0xf0, 0, 0, 0, 2, 0x09, 0xf0})),
                             std::invalid_argument);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DecoderConfigurationTest);
