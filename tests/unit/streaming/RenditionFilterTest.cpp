#include "RenditionFilter.h"

#include "RequestTo.h"
#include "SampleAsset.h"

#include <playhouse/ApiError.h>

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

class RenditionFilterTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RenditionFilterTest);
    CPPUNIT_TEST(withoutAQueryEverythingIsLeft);
    CPPUNIT_TEST(heightsBoundTheRenditions);
    CPPUNIT_TEST(bitrateIsThatOfTheVariantWithItsAudio);
    CPPUNIT_TEST(codecsAreMatchedWholeOrByFamily);
    CPPUNIT_TEST(codecsOfOneKindLeaveTheOtherAlone);
    CPPUNIT_TEST(languagesChooseAudio);
    CPPUNIT_TEST(invalidValuesAreRefusedByName);
    CPPUNIT_TEST(filterThatLeavesNothingIsNotFound);
    CPPUNIT_TEST(containerIsTsOrFmp4);
    CPPUNIT_TEST_SUITE_END();

    const Asset asset_ = sampleAsset();

    Selection select(const std::string& query) const {
        return RenditionFilter::from(requestTo("/x?" + query)).apply(asset_, Container::TransportStream);
    }

    std::string renditions(const std::string& query) const {
        std::string names;
        for (const auto* rendition : select(query).renditions) names += rendition->name + " ";
        return names;
    }

    std::string refusal(const std::string& query) const {
        try {
            select(query);
        } catch (const ApiError& error) {
            return std::to_string(error.status()) + " " + error.code();
        }
        return "accepted";
    }

public:
    void withoutAQueryEverythingIsLeft() {
        CPPUNIT_ASSERT_EQUAL(std::string("360p 1080p "), renditions(""));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, select("").audio.size());
    }

    void heightsBoundTheRenditions() {
        CPPUNIT_ASSERT_EQUAL(std::string("360p "), renditions("maxHeight=1079"));
        CPPUNIT_ASSERT_EQUAL(std::string("360p 1080p "), renditions("maxHeight=1080"));
        CPPUNIT_ASSERT_EQUAL(std::string("1080p "), renditions("minHeight=361"));
    }

    void bitrateIsThatOfTheVariantWithItsAudio() {
        CPPUNIT_ASSERT_EQUAL(std::string("360p "), renditions("maxBitrate=930000"));
        CPPUNIT_ASSERT_EQUAL(std::string("404 NO_MATCHING_RENDITION"), refusal("maxBitrate=929999"));
    }

    void codecsAreMatchedWholeOrByFamily() {
        CPPUNIT_ASSERT_EQUAL(std::string("360p 1080p "), renditions("codecs=avc1"));
        CPPUNIT_ASSERT_EQUAL(std::string("1080p "), renditions("codecs=avc1.640028"));
        CPPUNIT_ASSERT_EQUAL(std::string("404 NO_MATCHING_RENDITION"), refusal("codecs=avc1.64"));
        CPPUNIT_ASSERT_EQUAL(std::string("404 NO_MATCHING_RENDITION"), refusal("codecs=hvc1"));
    }

    void codecsOfOneKindLeaveTheOtherAlone() {
        CPPUNIT_ASSERT_EQUAL(std::string("360p 1080p "), renditions("codecs=mp4a.40.2"));
        CPPUNIT_ASSERT_EQUAL(std::string("404 NO_MATCHING_RENDITION"), refusal("codecs=ec-3"));
    }

    void languagesChooseAudio() {
        const auto selection = select("audio=es");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, selection.audio.size());
        CPPUNIT_ASSERT_EQUAL(std::string("audio-es"), selection.audio.front()->name);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, select("audio=es,en").audio.size());
    }

    void invalidValuesAreRefusedByName() {
        for (const auto* query :
             {"maxHeight=tall", "maxHeight=", "maxHeight=-1", "minHeight=0", "maxBitrate=1.5",
              "maxHeight=99999999999999999999", "codecs=", "codecs=avc1%22", "audio=,", "minHeight=720&maxHeight=360"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(query, std::string("400 INVALID_PARAMETER"), refusal(query));
    }

    void filterThatLeavesNothingIsNotFound() {
        CPPUNIT_ASSERT_EQUAL(std::string("404 NO_MATCHING_RENDITION"), refusal("maxHeight=100"));
        CPPUNIT_ASSERT_EQUAL(std::string("404 NO_MATCHING_RENDITION"), refusal("audio=fr"));
    }

    void containerIsTsOrFmp4() {
        CPPUNIT_ASSERT(containerOf(requestTo("/x")) == Container::TransportStream);
        CPPUNIT_ASSERT(containerOf(requestTo("/x?container=ts")) == Container::TransportStream);
        CPPUNIT_ASSERT(containerOf(requestTo("/x?a=b&container=fmp4")) == Container::CommonMedia);
        CPPUNIT_ASSERT_THROW(containerOf(requestTo("/x?container=webm")), ApiError);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RenditionFilterTest);

}  // namespace playhouse::streaming
