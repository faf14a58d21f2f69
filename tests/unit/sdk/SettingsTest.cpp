#include <playhouse/Settings.h>
#include <playhouse/testing/FakeSettings.h>

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using playhouse::parseByteSize;
using playhouse::parseDuration;
using playhouse::parseFlag;
using playhouse::parseInteger;
using playhouse::parseList;
using playhouse::testing::FakeSettings;

class SettingsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SettingsTest);
    CPPUNIT_TEST(readsByteSizes);
    CPPUNIT_TEST(refusesOtherByteSizes);
    CPPUNIT_TEST(readsDurations);
    CPPUNIT_TEST(refusesADurationWithoutUnit);
    CPPUNIT_TEST(readsFlags);
    CPPUNIT_TEST(readsIntegersWithinTheirBounds);
    CPPUNIT_TEST(readsLists);
    CPPUNIT_TEST(takesTheFallbackForWhatIsNotSet);
    CPPUNIT_TEST(messageNamesKeyValueAndWhatIsAllowed);
    CPPUNIT_TEST(knowsWhichSettingsWereNeverRead);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsByteSizes() {
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{4096}, parseByteSize("4096"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{65536}, parseByteSize(" 64 KiB "));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{256} << 20, parseByteSize("256MiB"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1} << 30, parseByteSize("1 GiB"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{5'000'000}, parseByteSize("5 MB"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, parseByteSize("0"));
    }

    void refusesOtherByteSizes() {
        for (const auto* text : {"", "KiB", "-1", "1.5 MiB", "1 mib", "1 XB", "99999999999999999999", "9999999999 GiB"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, parseByteSize(text), std::invalid_argument);
    }

    void readsDurations() {
        CPPUNIT_ASSERT(parseDuration("250 ms") == 250ms);
        CPPUNIT_ASSERT(parseDuration("4s") == 4s);
        CPPUNIT_ASSERT(parseDuration("10 min") == 10min);
        CPPUNIT_ASSERT(parseDuration("2 h") == 2h);
        CPPUNIT_ASSERT(parseDuration("1 d") == 24h);
    }

    void refusesADurationWithoutUnit() {
        for (const auto* text : {"", "5", "s", "-1 s", "1 year", "0.5 s"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, parseDuration(text), std::invalid_argument);
    }

    void readsFlags() {
        for (const auto* text : {"true", "Yes", " on ", "1"}) CPPUNIT_ASSERT(parseFlag(text));
        for (const auto* text : {"false", "NO", "off", "0"}) CPPUNIT_ASSERT(!parseFlag(text));
        for (const auto* text : {"", "y", "2", "truee"}) CPPUNIT_ASSERT_THROW(parseFlag(text), std::invalid_argument);
    }

    void readsIntegersWithinTheirBounds() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-3}, parseInteger(" -3 ", -3, 9));
        for (const auto* text : {"-4", "10", "", "3x", "0x3", "3.0"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, parseInteger(text, -3, 9), std::invalid_argument);
    }

    void readsLists() {
        CPPUNIT_ASSERT(parseList(" a, b ,,c d ") == (std::vector<std::string>{"a", "b", "c d"}));
        CPPUNIT_ASSERT(parseList(" , ").empty());
    }

    void takesTheFallbackForWhatIsNotSet() {
        FakeSettings settings("streaming", {{"container", "fmp4"}});
        CPPUNIT_ASSERT_EQUAL(std::string("fmp4"), settings.text("container", "ts"));
        CPPUNIT_ASSERT_EQUAL(std::string("ts"), settings.text("other", "ts"));
        CPPUNIT_ASSERT(settings.flag("enabled-cache", true));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, settings.integer("count", 7, 0, 9));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{64}, settings.byteSize("cache-size", 64));
        CPPUNIT_ASSERT(settings.duration("segment-duration", 4s) == 4s);
        CPPUNIT_ASSERT(settings.list("languages", "en, es") == (std::vector<std::string>{"en", "es"}));
    }

    void messageNamesKeyValueAndWhatIsAllowed() {
        FakeSettings settings("streaming", {{"segment-duration", "4"}});
        try {
            settings.duration("segment-duration", 4s);
            CPPUNIT_FAIL("a duration without unit was taken");
        } catch (const std::invalid_argument& problem) {
            const std::string message = problem.what();
            CPPUNIT_ASSERT_MESSAGE(message, message.find("plugin.streaming.segment-duration = 4") == 0);
            CPPUNIT_ASSERT_MESSAGE(message, message.find("\"4 s\"") != std::string::npos);
        }
    }

    void knowsWhichSettingsWereNeverRead() {
        FakeSettings settings("streaming", {{"cache-size", "1 MiB"}, {"cash-size", "1 MiB"}});
        settings.byteSize("cache-size", 0);
        CPPUNIT_ASSERT(settings.unread() == std::vector<std::string>{"cash-size"});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SettingsTest);
