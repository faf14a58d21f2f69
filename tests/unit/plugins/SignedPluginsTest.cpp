#include "../trust/KeyFiles.h"
#include "PluginHouse.h"

#include "trust/LibraryTrust.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <fstream>

using namespace playhouse;
using namespace playhouse::tests;

/// Where signatures are required, an unsigned, changed or foreign library is refused before anything of it runs, and
/// what serves serves on.
class SignedPluginsTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SignedPluginsTest);
    CPPUNIT_TEST(signedPluginsStartAndSwap);
    CPPUNIT_TEST(unsignedPluginsDoNotStart);
    CPPUNIT_TEST(whatIsNotTrustedDoesNotReplaceWhatServes);
    CPPUNIT_TEST(aSignatureThatCannotBeCopiedIsToldAsSuch);
    CPPUNIT_TEST(copiesThatEverybodyMayReplaceAreNotTrusted);
    CPPUNIT_TEST(nothingRunsOfWhatIsNotTrusted);
    CPPUNIT_TEST(goingBackNeedsTheSignatureToo);
    CPPUNIT_TEST(aKeyTakenAwayHoldsFromTheNextLoad);
    CPPUNIT_TEST_SUITE_END();

    const KeyFiles files_;
    const KeyFiles::Pair key_ = files_.make("key");

    host::SwapSettings trusting(const std::filesystem::path& key) const {
        host::SwapSettings settings;
        settings.trust = std::make_shared<host::LibraryTrust>(true, std::vector{key});
        return settings;
    }

    std::filesystem::path copyOf(const std::string& name) const {
        const auto library = files_.path(name + ".so");
        std::filesystem::copy_file(fixture(name), library, std::filesystem::copy_options::overwrite_existing);
        return library;
    }

    std::filesystem::path signedCopyOf(const std::string& name) const {
        const auto library = copyOf(name);
        host::signLibrary(library, key_.secret);
        return library;
    }

    host::PluginConfiguration greeterFrom(const std::filesystem::path& library) const {
        auto configuration = configured("greeter", "");
        configuration.library = library;
        return configuration;
    }

    static void expectRefused(PluginHouse& house, const std::filesystem::path& library, const std::string& text) {
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter", library); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("SIGNATURE_REFUSED: plugin \"greeter\": the library " +
                                                            library.string() + " is refused: "));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find(text) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

public:
    void signedPluginsStartAndSwap() {
        PluginHouse house(trusting(key_.open));
        CPPUNIT_ASSERT(house.manager().startAll({greeterFrom(signedCopyOf("greeter-1"))}).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"),
                             house.manager().swap("greeter", signedCopyOf("greeter-2")).toVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
        // A copy and its signature.
        if (!librariesStayLoaded) CPPUNIT_ASSERT(eventually([&] { return house.copies() == 2; }));
    }

    void unsignedPluginsDoNotStart() {
        PluginHouse house(trusting(key_.open));
        const auto failures = house.manager().startAll({greeterFrom(fixture("greeter-1"))});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failures.size());
        CPPUNIT_ASSERT_MESSAGE(failures[0], failures[0].find("it is not signed") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter"));
    }

    void whatIsNotTrustedDoesNotReplaceWhatServes() {
        PluginHouse house(trusting(key_.open));
        house.manager().startAll({greeterFrom(signedCopyOf("greeter-1"))});
        expectRefused(house, copyOf("greeter-2"), "playhousectl sign");
        const auto changed = signedCopyOf("greeter-2");
        std::ofstream(changed, std::ios::binary | std::ios::app) << "x";
        expectRefused(house, changed, "changed after it was signed");
        const auto foreign = copyOf("greeter-2");
        host::signLibrary(foreign, files_.make("stranger").secret);
        expectRefused(house, foreign, "none of the trusted keys");
        std::filesystem::copy_file(host::signatureOf(signedCopyOf("greeter-1")), host::signatureOf(foreign),
                                   std::filesystem::copy_options::overwrite_existing);
        expectRefused(house, foreign, "none of the trusted keys");
        house.manager().swap("greeter", signedCopyOf("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
        if (!librariesStayLoaded) CPPUNIT_ASSERT(eventually([&] { return house.copies() == 2; }));
    }

    void aSignatureThatCannotBeCopiedIsToldAsSuch() {
        PluginHouse house(trusting(key_.open));
        house.manager().startAll({greeterFrom(signedCopyOf("greeter-1"))});
        const auto library = copyOf("greeter-2");
        std::filesystem::create_directory(host::signatureOf(library));
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter", library); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("its signature cannot be copied to ") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, house.copies());
        // Where none is required it does not matter.
        house.manager().reconfigure(host::SwapSettings{});
        house.manager().swap("greeter", library);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
    }

    void copiesThatEverybodyMayReplaceAreNotTrusted() {
        PluginHouse house(trusting(key_.open));
        house.manager().startAll({greeterFrom(signedCopyOf("greeter-1"))});
        const auto library = signedCopyOf("greeter-2");
        const auto directory = house.file("generations");
        std::filesystem::permissions(directory, std::filesystem::perms::all);
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter", library); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("chmod o-w " + directory.string()) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        // As /tmp is: others may add files, and neither remove nor replace one.
        std::filesystem::permissions(directory, std::filesystem::perms::all | std::filesystem::perms::sticky_bit);
        house.manager().swap("greeter", library);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
    }

    void nothingRunsOfWhatIsNotTrusted() {
        PluginHouse house(trusting(key_.open));
        const auto ran = files_.path("ran");
        ::setenv("PLAYHOUSE_FIXTURE_LOAD", ran.c_str(), 1);
        auto broken = configured("broken", "broken-1");
        const auto failures = house.manager().startAll({broken});
        ::unsetenv("PLAYHOUSE_FIXTURE_LOAD");
        CPPUNIT_ASSERT_MESSAGE(failures.at(0), failures[0].find("it is not signed") != std::string::npos);
        CPPUNIT_ASSERT(!std::filesystem::exists(ran.string() + ".waiting"));
    }

    void goingBackNeedsTheSignatureToo() {
        PluginHouse house(trusting(key_.open));
        const auto first = signedCopyOf("greeter-1");
        house.manager().startAll({greeterFrom(first)});
        house.manager().swap("greeter", signedCopyOf("greeter-2"));
        // What became of the files does not matter: both were kept.
        std::filesystem::remove(first);
        std::filesystem::remove(host::signatureOf(first));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.manager().rollback("greeter").toVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        house.manager().reconfigure(trusting(files_.make("next").open));
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().rollback("greeter"); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("SIGNATURE_REFUSED"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

    void aKeyTakenAwayHoldsFromTheNextLoad() {
        PluginHouse house;
        house.manager().startAll({greeterFrom(signedCopyOf("greeter-1"))});
        house.manager().reconfigure(trusting(files_.make("next").open));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        expectRefused(house, signedCopyOf("greeter-2"), "none of the trusted keys");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SignedPluginsTest);
