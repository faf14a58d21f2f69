#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cstdint>
#include <fstream>

using namespace playhouse;
using namespace playhouse::tests;

/// A library that does not fit is refused by a message that names both sides; what serves serves on.
class LibraryRefusalTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LibraryRefusalTest);
    CPPUNIT_TEST(namesBothSidesOfWhatDoesNotFit);
    CPPUNIT_TEST(refusesWhatIsNoPlugin);
    CPPUNIT_TEST(refusesACutOffLibraryInsteadOfDying);
    CPPUNIT_TEST(keepsTheOldVersionServing);
    CPPUNIT_TEST(leavesNothingBehind);
    CPPUNIT_TEST_SUITE_END();

    void expect(const std::string& library, const std::vector<std::string>& texts) {
        PluginHouse house;
        const auto failures = house.manager().startAll({configured("faulty", library)});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(library, std::size_t{1}, failures.size());
        for (const auto& text : texts)
            CPPUNIT_ASSERT_MESSAGE(failures[0] + " does not name " + text, failures[0].find(text) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("503 faulty"), house.get("/faulty"));
        CPPUNIT_ASSERT(house.statusOf("faulty").state == host::PluginState::Failed);
        CPPUNIT_ASSERT_EQUAL(failures[0], house.statusOf("faulty").error);
    }

public:
    void namesBothSidesOfWhatDoesNotFit() {
        expect("wrong-magic", {"begins with 42", std::to_string(PluginDescriptor::expectedMagic)});
        expect("wrong-abi", {"ABI 99.0", "this host has 1.0"});
        expect("newer-abi", {"ABI 1.7", "this host has 1.0"});
        expect("wrong-size", {"8 bytes", std::to_string(sizeof(PluginDescriptor))});
        expect("wrong-fingerprint", {"\"clang99\"", buildFingerprint});
        expect("other-id", {"\"somebody-else\"", "\"faulty\"", "plugin.faulty.library"});
    }

    void refusesWhatIsNoPlugin() {
        expect("no-plugin", {"no-plugin.so", "does not export playhousePluginDescriptor"});
        expect("not-there", {"not-there.so", "No such file"});
        PluginHouse house;
        std::ofstream(house.file("text.so")) << "#!/bin/sh";
        auto configuration = configured("faulty", "");
        configuration.library = house.file("text.so");
        const auto failures = house.manager().startAll({configuration});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failures.size());
        CPPUNIT_ASSERT(failures[0].find("no ELF file") != std::string::npos);
    }

    void refusesACutOffLibraryInsteadOfDying() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        const auto copy = house.file("cut.so");
        const auto whole = std::filesystem::file_size(fixture("greeter-2"));
        for (const std::uintmax_t size : {std::uintmax_t{0}, std::uintmax_t{3}, std::uintmax_t{64},
                                          std::uintmax_t{4096}, whole / 2, whole - 4096, whole - 1}) {
            std::filesystem::copy_file(fixture("greeter-2"), copy, std::filesystem::copy_options::overwrite_existing);
            std::filesystem::resize_file(copy, size);
            const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter", copy); });
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("LIBRARY_REFUSED"));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

    void keepsTheOldVersionServing() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        for (const auto* library : {"wrong-magic", "wrong-abi", "wrong-fingerprint", "other-id", "no-plugin"}) {
            const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter", fixture(library)); });
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("LIBRARY_REFUSED"));
            CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
            const auto status = house.statusOf("greeter");
            CPPUNIT_ASSERT(status.state == host::PluginState::Serving);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status.generation);
            CPPUNIT_ASSERT(!status.error.empty());
        }
        house.manager().swap("greeter", fixture("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string(), house.statusOf("greeter").error);
    }

    void leavesNothingBehind() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        for (const auto* library : {"wrong-magic", "no-plugin", "other-id"})
            PluginHouse::refusalOf([&] { house.manager().swap("greeter", fixture(library)); });
        if (librariesStayLoaded) return;
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.copies());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.mappedCopies());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LibraryRefusalTest);
