#include "plugins/LibraryWatch.h"

#include "../trust/KeyFiles.h"
#include "PluginHouse.h"

#include "trust/LibrarySignature.h"
#include "trust/LibraryTrust.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

using namespace playhouse;
using namespace playhouse::tests;
using std::chrono::milliseconds;

/// A library that is rebuilt, overwritten, cut off or deleted: what serves is never harmed, and a watched plugin is
/// swapped when a whole new library is there.
class LibraryWatchTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LibraryWatchTest);
    CPPUNIT_TEST(aRebuiltLibraryIsToldOnceItIsLeftAlone);
    CPPUNIT_TEST(anUnfinishedLibraryIsToldOnceAndNotTaken);
    CPPUNIT_TEST(aDeletedLibraryIsNothingNew);
    CPPUNIT_TEST(aWatchedPluginIsSwappedWhenItsLibraryIsRebuilt);
    CPPUNIT_TEST(aRefusedBuildLeavesTheVersionBeforeAndTheNextOneIsTried);
    CPPUNIT_TEST(aPluginThatIsNotWatchedStays);
    CPPUNIT_TEST(aWatchedPluginThatIsOffStaysOff);
    CPPUNIT_TEST(aSwapByHandIsNotRepeatedByTheWatch);
    CPPUNIT_TEST(aSignatureThatComesAfterItsLibraryIsNoticed);
    CPPUNIT_TEST(aLibraryThatAReloadCouldNotTakeIsWatchedToo);
    CPPUNIT_TEST(aLibraryThatGoesWrongWhileLoadedHarmsNothing);
    CPPUNIT_TEST_SUITE_END();

    static constexpr auto settle = host::LibraryWatch::settleTime;

    static std::string read(const std::filesystem::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    /// As a linker does that writes over what was there.
    static void write(const std::filesystem::path& file, const std::string& bytes) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    }

    /// A house with the plugin "greeter" in a file that can be rebuilt.
    static host::PluginConfiguration rebuildable(const PluginHouse& house, bool watch) {
        auto configuration = configured("greeter", "");
        configuration.library = house.file("greeter.so");
        configuration.watch = watch;
        std::filesystem::copy_file(fixture("greeter-1"), configuration.library);
        return configuration;
    }

public:
    void aRebuiltLibraryIsToldOnceItIsLeftAlone() {
        PluginHouse house;
        const auto file = rebuildable(house, true).library;
        const auto start = std::chrono::steady_clock::now();
        host::LibraryWatch watch(file, host::markOf(file));
        CPPUNIT_ASSERT(!watch.look(start).rebuilt);
        write(file, read(fixture("greeter-2")));
        CPPUNIT_ASSERT(!watch.look(start + milliseconds(10)).rebuilt);
        write(file, read(fixture("greeter-2")) + "more");
        CPPUNIT_ASSERT(!watch.look(start + settle).rebuilt);
        CPPUNIT_ASSERT(!watch.look(start + 2 * settle - milliseconds(1)).rebuilt);
        const auto sight = watch.look(start + 2 * settle);
        CPPUNIT_ASSERT(sight.rebuilt == host::markOf(file));
        CPPUNIT_ASSERT(!watch.look(start + 4 * settle).rebuilt);
    }

    void anUnfinishedLibraryIsToldOnceAndNotTaken() {
        PluginHouse house;
        const auto file = rebuildable(house, true).library;
        const auto start = std::chrono::steady_clock::now();
        host::LibraryWatch watch(file, host::markOf(file));
        const auto whole = read(fixture("greeter-2"));
        write(file, whole.substr(0, whole.size() / 2));
        watch.look(start);
        const auto sight = watch.look(start + settle);
        CPPUNIT_ASSERT(!sight.rebuilt);
        CPPUNIT_ASSERT_MESSAGE(sight.incomplete, sight.incomplete.find("cut off") != std::string::npos);
        CPPUNIT_ASSERT(watch.look(start + 2 * settle).incomplete.empty());
        write(file, whole);
        watch.look(start + 3 * settle);
        CPPUNIT_ASSERT(watch.look(start + 4 * settle).rebuilt.has_value());
    }

    void aDeletedLibraryIsNothingNew() {
        PluginHouse house;
        const auto file = rebuildable(house, true).library;
        const auto start = std::chrono::steady_clock::now();
        host::LibraryWatch watch(file, host::markOf(file));
        std::filesystem::remove(file);
        watch.look(start);
        const auto sight = watch.look(start + settle);
        CPPUNIT_ASSERT(!sight.rebuilt && sight.incomplete.empty());
        std::filesystem::copy_file(fixture("greeter-2"), file);
        watch.look(start + 2 * settle);
        CPPUNIT_ASSERT(watch.look(start + 3 * settle).rebuilt.has_value());
    }

    void aWatchedPluginIsSwappedWhenItsLibraryIsRebuilt() {
        PluginHouse house;
        const auto greeter = rebuildable(house, true);
        house.manager().startAll({greeter});
        write(greeter.library, read(fixture("greeter-2")));
        CPPUNIT_ASSERT(eventually([&] { return house.get("/greeter") == "hello from 2.0.0"; }));
        // Linkers also write a new file and rename it.
        std::filesystem::copy_file(fixture("greeter-1"), house.file("next.so"));
        std::filesystem::rename(house.file("next.so"), greeter.library);
        CPPUNIT_ASSERT(eventually([&] { return house.get("/greeter") == "hello from 1.0.0"; }));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, house.statusOf("greeter").generation);
    }

    void aRefusedBuildLeavesTheVersionBeforeAndTheNextOneIsTried() {
        PluginHouse house;
        const auto greeter = rebuildable(house, true);
        house.manager().startAll({greeter});
        write(greeter.library, read(fixture("no-plugin")));
        CPPUNIT_ASSERT(eventually([&] { return !house.statusOf("greeter").error.empty(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        write(greeter.library, read(fixture("greeter-2")));
        CPPUNIT_ASSERT(eventually([&] { return house.get("/greeter") == "hello from 2.0.0"; }));
        CPPUNIT_ASSERT_EQUAL(std::string(), house.statusOf("greeter").error);
        // The refused one was tried once.
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, house.statusOf("greeter").generation);
    }

    void aPluginThatIsNotWatchedStays() {
        PluginHouse house;
        auto greeter = rebuildable(house, false);
        auto other = configured("fickle", "");
        other.library = house.file("fickle.so");
        other.watch = true;
        std::filesystem::copy_file(fixture("fickle-1"), other.library);
        house.manager().startAll({greeter, other});
        write(greeter.library, read(fixture("greeter-2")));
        write(other.library, read(fixture("fickle-2")));
        CPPUNIT_ASSERT(eventually([&] { return house.get("/fickle") == "0 in 2.0.0"; }));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        // Watched from now on, it is noticed that what serves is not what lies there.
        greeter.watch = true;
        house.manager().reconfigure({greeter, other});
        CPPUNIT_ASSERT(eventually([&] { return house.get("/greeter") == "hello from 2.0.0"; }));
    }

    void aWatchedPluginThatIsOffStaysOff() {
        PluginHouse house;
        auto greeter = rebuildable(house, true);
        greeter.enabled = false;
        auto other = configured("fickle", "");
        other.library = house.file("fickle.so");
        other.watch = true;
        std::filesystem::copy_file(fixture("fickle-1"), other.library);
        house.manager().startAll({greeter, other});
        write(greeter.library, read(fixture("greeter-2")));
        write(other.library, read(fixture("fickle-2")));
        CPPUNIT_ASSERT(eventually([&] { return house.get("/fickle") == "0 in 2.0.0"; }));
        CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter"));
    }

    void aSwapByHandIsNotRepeatedByTheWatch() {
        PluginHouse house;
        const auto greeter = rebuildable(house, true);
        house.manager().startAll({greeter});
        write(greeter.library, read(fixture("greeter-2")));
        house.manager().swap("greeter");
        write(greeter.library, read(fixture("no-plugin")));
        CPPUNIT_ASSERT(eventually([&] { return !house.statusOf("greeter").error.empty(); }));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, house.statusOf("greeter").swaps);
    }

    void aSignatureThatComesAfterItsLibraryIsNoticed() {
        const KeyFiles files;
        const auto key = files.make("key");
        host::SwapSettings settings;
        settings.trust = std::make_shared<host::LibraryTrust>(true, std::vector{key.open});
        PluginHouse house(settings);
        const auto greeter = rebuildable(house, true);
        host::signLibrary(greeter.library, key.secret);
        CPPUNIT_ASSERT(house.manager().startAll({greeter}).empty());
        write(greeter.library, read(fixture("greeter-2")));
        CPPUNIT_ASSERT(eventually([&] { return !house.statusOf("greeter").error.empty(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        host::signLibrary(greeter.library, key.secret);
        CPPUNIT_ASSERT(eventually([&] { return house.get("/greeter") == "hello from 2.0.0"; }));
    }

    void aLibraryThatAReloadCouldNotTakeIsWatchedToo() {
        PluginHouse house;
        auto greeter = rebuildable(house, false);
        CPPUNIT_ASSERT(house.manager().startAll({greeter}).empty());
        greeter.library = house.file("next.so");
        greeter.watch = true;
        write(greeter.library, read(fixture("no-plugin")));
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().reconfigure({greeter}); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("LIBRARY_REFUSED"));
        write(greeter.library, read(fixture("greeter-2")));
        CPPUNIT_ASSERT(eventually([&] { return house.get("/greeter") == "hello from 2.0.0"; }));
        // The reload that could not be done is done now.
        house.manager().reconfigure({greeter});
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, house.statusOf("greeter").swaps);
    }

    void aLibraryThatGoesWrongWhileLoadedHarmsNothing() {
        PluginHouse house;
        const auto greeter = rebuildable(house, false);
        house.manager().startAll({greeter});
        const auto whole = read(greeter.library);
        const auto expectRefused = [&](const std::string& part) {
            CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0, you"), house.get("/greeter/you"));
            const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter"); });
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("LIBRARY_REFUSED"));
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find(part) != std::string::npos);
            CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0, you"), house.get("/greeter/you"));
        };
        std::filesystem::resize_file(greeter.library, whole.size() / 2);
        expectRefused("cut off");
        write(greeter.library, "");
        expectRefused("");
        write(greeter.library, std::string(whole.size(), 'x'));
        expectRefused("ELF");
        std::filesystem::remove(greeter.library);
        expectRefused("No such file");
        write(greeter.library, read(fixture("greeter-2")));
        house.manager().swap("greeter");
        std::filesystem::remove(greeter.library);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.manager().rollback("greeter").toVersion);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LibraryWatchTest);
