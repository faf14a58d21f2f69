#include "TemporaryDirectory.h"
#include "configuration/ConfigurationError.h"
#include "configuration/ConfigurationLoader.h"
#include "configuration/PropertyFile.h"
#include "configuration/SettingsSchema.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <set>
#include <sstream>

using namespace playhouse::host;

/// The files in config/ themselves.
class PropertiesFileTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PropertiesFileTest);
    CPPUNIT_TEST(holdsEveryKeyAndNoOther);
    CPPUNIT_TEST(holdsTheDefaults);
    CPPUNIT_TEST(documentsEachKeyAsTheServerReadsIt);
    CPPUNIT_TEST(theDefaultsAreAllowedValues);
    CPPUNIT_TEST(theProfilesAreAccepted);
    CPPUNIT_TEST(productionKeepsClosedWhatNeedNotBeOpen);
    CPPUNIT_TEST_SUITE_END();

    const std::filesystem::path folder_ = PLAYHOUSE_CONFIG_DIRECTORY;

    /// The comment right above `key` as one line, without "#".
    std::string comment(const std::string& key) const {
        std::ifstream stream(folder_ / "playhouse.properties");
        std::string text;
        for (std::string line; std::getline(stream, line);) {
            if (line.starts_with(key + " =")) return text;
            if (!line.starts_with("#"))
                text.clear();
            else
                text += (text.empty() ? "" : " ") + line.substr(std::min<std::size_t>(2, line.size()));
        }
        return {};
    }

    HostConfiguration load(const std::string& profile,
                           const std::map<std::string, std::string>& environment = {}) const {
        const TemporaryDirectory plugins;
        for (const auto* shipped : {"auth.so", "streaming.so", "watch.so"}) plugins.write(shipped, "");
        return loadConfiguration({.file = folder_ / profile,
                                  .environment = environment,
                                  .definitions = {"plugins.directory=" + plugins.path().string()},
                                  .workingDirectory = "/",
                                  .executableDirectory = "/"})
            .host;
    }

public:
    void holdsEveryKeyAndNoOther() {
        std::set<std::string> given;
        for (const auto& property : PropertyFile::read(folder_ / "playhouse.properties").properties)
            if (!property.key.starts_with("plugin.")) given.insert(property.key);
        for (const auto& setting : settingsSchema())
            CPPUNIT_ASSERT_MESSAGE("missing: " + std::string(setting.key), given.erase(std::string(setting.key)) == 1);
        CPPUNIT_ASSERT_MESSAGE("unknown: " + (given.empty() ? "" : *given.begin()), given.empty());
    }

    void holdsTheDefaults() {
        for (const auto& property : PropertyFile::read(folder_ / "playhouse.properties").properties)
            if (const auto* setting = findSetting(property.key))
                CPPUNIT_ASSERT_EQUAL_MESSAGE(property.key, std::string(setting->fallback), property.value);
    }

    void documentsEachKeyAsTheServerReadsIt() {
        for (const auto& setting : settingsSchema()) {
            auto expected = std::string(setting.meaning) + " Takes " + allowedValues(setting) +
                            ". Default: " + (setting.fallback.empty() ? "empty" : std::string(setting.fallback)) + ".";
            if (!setting.environmentVariable.empty())
                expected += " Environment: " + std::string(setting.environmentVariable) + ".";
            if (setting.needsRestart) expected += " Needs a restart.";
            CPPUNIT_ASSERT_EQUAL(expected, comment(std::string(setting.key)));
        }
    }

    void theDefaultsAreAllowedValues() {
        for (const auto& setting : settingsSchema()) checkSetting(setting, std::string(setting.fallback));
    }

    void theProfilesAreAccepted() {
        for (const auto* profile : {"playhouse.properties", "demo.properties", "streaming-only.properties"})
            load(profile);
        const auto demo = load("demo.properties");
        for (const auto& plugin : demo.plugins) CPPUNIT_ASSERT_MESSAGE(plugin.id, plugin.enabled);
        CPPUNIT_ASSERT_EQUAL(std::string("*"), demo.edge.cors.allowedOrigins.at(0));
        for (const auto& plugin : load("streaming-only.properties").plugins)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(plugin.id, plugin.id == "streaming", plugin.enabled);
    }

    void productionKeepsClosedWhatNeedNotBeOpen() {
        CPPUNIT_ASSERT_THROW(load("production.properties"), ConfigurationError);
        const auto production = load("production.properties", {{"JWT_SECRET", "c2VlIGhvdyByYW5kb20gdGhpcyBsb29rcw"}});
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), production.edge.address);
        CPPUNIT_ASSERT(production.edge.cors.allowedOrigins.empty());
        CPPUNIT_ASSERT(!production.publicMetrics);
        CPPUNIT_ASSERT_EQUAL(mode_t{0600}, production.control.socketMode);
        CPPUNIT_ASSERT(production.log.format == LogFormat::Json);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PropertiesFileTest);
