#include "configuration/PluginKeys.h"

#include "LoaderFixture.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::host;

/// The keys plugin.<id>.*: which plugins there are, and what each is told.
class PluginKeysTest : public LoaderFixture {
    CPPUNIT_TEST_SUITE(PluginKeysTest);
    CPPUNIT_TEST(findsPluginsByTheirLibraries);
    CPPUNIT_TEST(findsInstalledPlugins);
    CPPUNIT_TEST(runsOnlyMentionedPluginsUnlessAllAreWanted);
    CPPUNIT_TEST(givesPluginsTheirSettings);
    CPPUNIT_TEST(watchesTheLibrariesThatAskForIt);
    CPPUNIT_TEST(refusesAnUnknownPluginAndNamesTheNearest);
    CPPUNIT_TEST(refusesALibraryThatIsNotThere);
    CPPUNIT_TEST(refusesMalformedPluginKeys);
    CPPUNIT_TEST_SUITE_END();

    const PluginConfiguration& plugin(const LoadedConfiguration& loaded, const std::string& id) {
        for (const auto& plugin : loaded.host.plugins)
            if (plugin.id == id) return plugin;
        CPPUNIT_FAIL("no plugin " + id);
        return loaded.host.plugins.front();
    }

public:
    void findsPluginsByTheirLibraries() {
        directory_.write("lib/plugins/streaming.so", "");
        directory_.write("lib/plugins/readme.txt", "");
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, loaded.host.plugins.size());
        CPPUNIT_ASSERT_EQUAL(std::string("streaming"), loaded.host.plugins[0].id);
        CPPUNIT_ASSERT_EQUAL((directory_.path() / "lib/plugins/streaming.so").string(),
                             loaded.host.plugins[0].library.string());
    }

    void findsInstalledPlugins() {
        directory_.write("lib/plugins/streaming.so", "");
        directory_.write("lib/playhouse/plugins/chat.so", "");
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, loaded.host.plugins.size());
        CPPUNIT_ASSERT_EQUAL(std::string("chat"), loaded.host.plugins[0].id);
    }

    void runsOnlyMentionedPluginsUnlessAllAreWanted() {
        for (const auto* name : {"a", "b", "c"}) directory_.write(std::string("lib/plugins/") + name + ".so", "");
        sources_.definitions = {"plugin.a.enabled=true", "plugin.b.enabled=false"};
        const auto some = loadConfiguration(sources_);
        CPPUNIT_ASSERT(plugin(some, "a").enabled && !plugin(some, "b").enabled && !plugin(some, "c").enabled);
        sources_.definitions.push_back("plugins.enable-all=true");
        const auto all = loadConfiguration(sources_);
        CPPUNIT_ASSERT(plugin(all, "a").enabled && !plugin(all, "b").enabled && plugin(all, "c").enabled);
    }

    void watchesTheLibrariesThatAskForIt() {
        for (const auto* name : {"a", "b", "c"}) directory_.write(std::string("lib/plugins/") + name + ".so", "");
        sources_.definitions = {"plugin.a.watch=true", "plugin.b.watch=off", "plugin.c.enabled=true"};
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT(plugin(loaded, "a").watch && !plugin(loaded, "b").watch && !plugin(loaded, "c").watch);
        // It is the host's, and none of the settings that the plugin has to know.
        CPPUNIT_ASSERT(plugin(loaded, "a").settings.empty());
        CPPUNIT_ASSERT(!plugin(loaded, "a").enabled);
        sources_.definitions = {"plugin.a.watch=often"};
        CPPUNIT_ASSERT_EQUAL(std::string("-D: plugin.a.watch = often is not allowed; it takes true or false"),
                             refusal());
    }

    void givesPluginsTheirSettings() {
        const auto library = directory_.write("elsewhere/hello.so", "");
        sources_.definitions = {"plugin.hello.library=elsewhere/hello.so", "plugin.hello.paths=/hello, /hi/{rest...}",
                                "plugin.hello.greeting.text=Good day", "plugin.hello.enabled=on"};
        const auto loaded = loadConfiguration(sources_);
        const auto& hello = plugin(loaded, "hello");
        CPPUNIT_ASSERT(hello.enabled);
        CPPUNIT_ASSERT_EQUAL(library.string(), hello.library.string());
        CPPUNIT_ASSERT((hello.paths == std::vector<std::string>{"/hello", "/hi/{rest...}"}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, hello.settings.size());
        CPPUNIT_ASSERT_EQUAL(std::string("Good day"), hello.settings.at("greeting.text"));
    }

    void refusesAnUnknownPluginAndNamesTheNearest() {
        directory_.write("lib/plugins/streaming.so", "");
        sources_.file = directory_.write("own", "plugin.straming.enabled = true\nplugin.straming.x = 1\n");
        CPPUNIT_ASSERT_EQUAL(sources_.file->string() +
                                 ":1: plugin.straming.enabled: there is no plugin \"straming\" in " +
                                 (directory_.path() / "lib/plugins").string() + "; did you mean plugin.streaming.?",
                             refusal());
        sources_.file = directory_.write("own", "plugin.xyz.enabled = true\n");
        CPPUNIT_ASSERT(refusal().find("put xyz.so there, or name its file with plugin.xyz.library") !=
                       std::string::npos);
    }

    void refusesALibraryThatIsNotThere() {
        sources_.definitions = {"plugin.a.library=/none/a.so"};
        CPPUNIT_ASSERT_EQUAL(std::string("-D: plugin.a.library = /none/a.so: there is no file /none/a.so"), refusal());
        sources_.definitions = {"plugins.directory=/none"};
        CPPUNIT_ASSERT(refusal().find("there is no directory /none") != std::string::npos);
    }

    void refusesMalformedPluginKeys() {
        for (const auto* key : {"plugin.a", "plugin.a.", "plugin..x", "plugin.A B.x"}) {
            sources_.definitions = {std::string(key) + "=1"};
            CPPUNIT_ASSERT_MESSAGE(key, refusal().find("plugin.<id>.<setting>") != std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginKeysTest);
