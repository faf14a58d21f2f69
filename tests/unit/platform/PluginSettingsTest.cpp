#include "platform/PluginSettings.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

using playhouse::host::PluginSettings;

/// A setting that is not read is unknown; a bad value is named by its key.
class PluginSettingsTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginSettingsTest);
    CPPUNIT_TEST(readsWhatIsConfigured);
    CPPUNIT_TEST(namesTheNearestOfUnknownSettings);
    CPPUNIT_TEST(namesTheKeyOfABadValue);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsWhatIsConfigured() {
        PluginSettings settings("streaming", {{"cache-size", "64 MiB"}, {"segment-duration", "4 s"}});
        CPPUNIT_ASSERT(settings.byteSize("cache-size", 0) == 64ULL * 1024 * 1024);
        CPPUNIT_ASSERT(settings.duration("segment-duration", {}) == std::chrono::seconds(4));
        CPPUNIT_ASSERT_EQUAL(std::string("absent"), settings.text("title", "absent"));
        CPPUNIT_ASSERT(settings.unread().empty());
        CPPUNIT_ASSERT_EQUAL(std::string(), settings.describeUnread());
    }

    void namesTheNearestOfUnknownSettings() {
        PluginSettings settings("streaming", {{"cache-siez", "64 MiB"}, {"zzz", "1"}});
        settings.byteSize("cache-size", 0);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, settings.unread().size());
        const auto text = settings.describeUnread();
        CPPUNIT_ASSERT_MESSAGE(text, text.find("\"plugin.streaming.cache-siez\"") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("\"plugin.streaming.cache-size\"") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("\"plugin.streaming.zzz\"") != std::string::npos);
    }

    void namesTheKeyOfABadValue() {
        PluginSettings settings("streaming", {{"window", "lots"}});
        try {
            settings.integer("window", 1, 0, 9);
            CPPUNIT_FAIL("a text was taken for a number");
        } catch (const std::invalid_argument& refusal) {
            const std::string text = refusal.what();
            CPPUNIT_ASSERT_MESSAGE(text, text.find("plugin.streaming.window = lots") != std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginSettingsTest);
