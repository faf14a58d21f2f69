#include "../trust/KeyFiles.h"
#include "PluginHouse.h"

#include "plugins/LibraryInspection.h"
#include "plugins/LoadedLibrary.h"
#include "trust/LibraryTrust.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cstdlib>
#include <string>

using namespace playhouse;
using namespace playhouse::tests;
using host::inspectLibrary;
using host::LibraryInspection;

/// What a library is told of before it is given to a server.
class LibraryInspectionTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LibraryInspectionTest);
    CPPUNIT_TEST(tellsWhatAGoodPluginIs);
    CPPUNIT_TEST(tellsWhyAnotherIsRefused);
    CPPUNIT_TEST(tellsEveryMismatchAtOnce);
    CPPUNIT_TEST(namesEverySymbolThatIsMissing);
    CPPUNIT_TEST(warnsOfWhatAPluginShouldNotExport);
    CPPUNIT_TEST(runsNothingOfWhatIsRefusedByItsFile);
    CPPUNIT_TEST(findsAFileInTheCurrentFolder);
    CPPUNIT_TEST(saysWhetherItIsSigned);
    CPPUNIT_TEST(whatTheLoaderSaysBecomesASentence);
    CPPUNIT_TEST_SUITE_END();

    static std::string all(const std::vector<std::string>& texts) {
        std::string joined;
        for (const auto& text : texts) joined += text + "\n";
        return joined;
    }

    static void expectSays(const std::vector<std::string>& texts, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE(all(texts) + "does not say " + part, all(texts).find(part) != std::string::npos);
    }

public:
    void tellsWhatAGoodPluginIs() {
        const auto found = inspectLibrary(fixture("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string(), all(found.refusals));
        CPPUNIT_ASSERT_EQUAL(std::string(), all(found.warnings));
        CPPUNIT_ASSERT(found.accepted());
        CPPUNIT_ASSERT_EQUAL(std::string("greeter"), found.id);
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), found.version);
        CPPUNIT_ASSERT(found.abi.starts_with(std::to_string(PluginDescriptor::currentAbiMajor) + "."));
        CPPUNIT_ASSERT_EQUAL(std::string(buildFingerprint), found.fingerprint);
        expectSays(found.neededLibraries, "libplayhouse-sdk.so");
        CPPUNIT_ASSERT(found.exportedSymbols.empty() && found.uniqueSymbols.empty() && found.undefinedSymbols.empty());
    }

    void tellsWhyAnotherIsRefused() {
        const auto refusals = [](const std::filesystem::path& library) {
            const auto found = inspectLibrary(library);
            CPPUNIT_ASSERT(!found.accepted());
            return found.refusals;
        };
        expectSays(refusals(fixture("not-there")), "No such file");
        expectSays(refusals("/etc"), "it is a directory");
        expectSays(refusals("/etc/passwd"), "no ELF file");
        expectSays(refusals(fixture("no-plugin")), "does not export playhousePluginDescriptor");
        expectSays(refusals(fixture("wrong-magic")), "begins with 42");
        expectSays(refusals(fixture("wrong-abi")), "ABI 99.0");
        expectSays(refusals(fixture("wrong-size")), "8 bytes");
        expectSays(refusals(fixture("wrong-fingerprint")), "\"clang99\"");
        expectSays(refusals(fixture("missing-library")), "libfixture-absent.so, which is not installed here");
    }

    void tellsEveryMismatchAtOnce() {
        const auto found = inspectLibrary(fixture("wrong-fingerprint"));
        CPPUNIT_ASSERT_EQUAL(std::string("faulty"), found.id);
        CPPUNIT_ASSERT_EQUAL(std::string("clang99"), found.fingerprint);
        PluginDescriptor descriptor{PluginDescriptor::expectedMagic,
                                    sizeof(PluginDescriptor),
                                    PluginDescriptor::currentAbiMajor,
                                    PluginDescriptor::currentAbiMinor,
                                    "clang99",
                                    "chat",
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr};
        const auto problems = host::mismatches(descriptor, "content");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, problems.size());
        expectSays(problems, "it is built as \"clang99\"");
        expectSays(problems, "it holds the plugin \"chat\", but is configured as \"content\"");
        expectSays(problems, "its descriptor is incomplete");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, host::mismatches(descriptor, std::nullopt).size());
    }

    void namesEverySymbolThatIsMissing() {
        const auto found = inspectLibrary(fixture("missing-symbol"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, found.undefinedSymbols.size());
        expectSays(found.undefinedSymbols, "fixtures::rendition(std::");
        expectSays(found.refusals, "it needs 1 symbols");
        CPPUNIT_ASSERT_EQUAL(std::string(), found.id);
    }

    void warnsOfWhatAPluginShouldNotExport() {
        const auto found = inspectLibrary(fixture("no-plugin"));
        expectSays(found.exportedSymbols, "somethingElse");
        expectSays(found.warnings, "playhouse_add_plugin()");
    }

    void runsNothingOfWhatIsRefusedByItsFile() {
        const KeyFiles files;
        const auto ran = files.path("ran");
        ::setenv("PLAYHOUSE_FIXTURE_RAN", ran.c_str(), 1);
        CPPUNIT_ASSERT(!inspectLibrary(fixture("runs-when-loaded")).accepted());
        ::unsetenv("PLAYHOUSE_FIXTURE_RAN");
        CPPUNIT_ASSERT(!std::filesystem::exists(ran));
    }

    void findsAFileInTheCurrentFolder() {
        const auto before = std::filesystem::current_path();
        std::filesystem::current_path(fixture("greeter-2").parent_path());
        const auto found = inspectLibrary("greeter-2.so");
        std::filesystem::current_path(before);
        CPPUNIT_ASSERT_EQUAL(std::string(), all(found.refusals));
    }

    void saysWhetherItIsSigned() {
        const KeyFiles files;
        const auto key = files.make("key");
        const host::LibraryTrust trust(true, {key.open});
        const auto library = files.path("greeter.so");
        std::filesystem::copy_file(fixture("greeter-1"), library);
        const auto unsignedOne = inspectLibrary(library, &trust);
        expectSays(unsignedOne.refusals, "it is not signed");
        CPPUNIT_ASSERT_EQUAL(std::string(), unsignedOne.id);
        host::signLibrary(library, key.secret);
        CPPUNIT_ASSERT_EQUAL(std::string(), all(inspectLibrary(library, &trust).refusals));
    }

    void whatTheLoaderSaysBecomesASentence() {
        using host::describeLoadProblem;
        CPPUNIT_ASSERT_EQUAL(std::string("it needs chat::Room::join(int), which neither this host nor the libraries "
                                         "that it names have; link what defines it, or build it with the SDK of this "
                                         "host"),
                             describeLoadProblem("/x/1-2-chat.so: undefined symbol: _ZN4chat4Room4joinEi"));
        CPPUNIT_ASSERT_EQUAL(std::string("it needs the library libavformat.so.99, which is not installed here; "
                                         "install it"),
                             describeLoadProblem("libavformat.so.99: cannot open shared object file: No such file or "
                                                 "directory"));
        CPPUNIT_ASSERT(describeLoadProblem("/x/1.so: failed to map segment from shared object").find("noexec") !=
                       std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("the loader says: one"), describeLoadProblem("one\ntwo"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{500}, describeLoadProblem(std::string(100'000, 'x')).size());
        CPPUNIT_ASSERT(describeLoadProblem("undefined symbol: " + std::string(100'000, 'x')).size() <= 500);
        CPPUNIT_ASSERT(describeLoadProblem(std::string(100'000, 'x') + ": cannot open shared object file").size() <=
                       500);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LibraryInspectionTest);
