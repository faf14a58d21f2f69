#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>

using namespace playhouse;
using namespace playhouse::tests;

/// A library that does not fit is refused by a message that names both sides, before any of its code runs where that
/// can be; what serves serves on.
class LibraryRefusalTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LibraryRefusalTest);
    CPPUNIT_TEST(namesBothSidesOfWhatDoesNotFit);
    CPPUNIT_TEST(namesWhatIsMissing);
    CPPUNIT_TEST(refusesFilesThatAreNoLibraries);
    CPPUNIT_TEST(refusesLibrariesForOtherMachines);
    CPPUNIT_TEST(refusesACutOffLibraryInsteadOfDying);
    CPPUNIT_TEST(refusesEveryDamageToTheHeadersInsteadOfDying);
    CPPUNIT_TEST(runsNothingOfALibraryThatIsNoPlugin);
    CPPUNIT_TEST(reportsAFailedStart);
    CPPUNIT_TEST(forgetsTheRefusalWhenASwapSucceeds);
    CPPUNIT_TEST(leavesNothingBehind);
    CPPUNIT_TEST_SUITE_END();

    /// A house in which "faulty", here a healthy greeter in its place, serves.
    struct Healthy {
        PluginHouse house;
        Healthy() { house.manager().startAll({configured("greeter", "greeter-1")}); }

        std::string refusalOf(const std::filesystem::path& library) {
            const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter", library); });
            CPPUNIT_ASSERT_EQUAL_MESSAGE(refusal, std::string("hello from 1.0.0"), house.get("/greeter"));
            const auto status = house.statusOf("greeter");
            CPPUNIT_ASSERT(status.state == host::PluginState::Serving);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status.generation);
            CPPUNIT_ASSERT(!status.error.empty());
            return refusal;
        }

        /// Expects that the swap to `library` is refused, and that the reason names each of `texts`.
        void expect(const std::filesystem::path& library, const std::vector<std::string>& texts) {
            const auto refusal = refusalOf(library);
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("LIBRARY_REFUSED: plugin \"greeter\": "));
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find(library.string() + " is refused: ") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.size() < 1000);
            for (const auto& text : texts)
                CPPUNIT_ASSERT_MESSAGE(refusal + " does not name " + text, refusal.find(text) != std::string::npos);
        }

        /// A copy of the greeter's next version whose bytes `change` has had.
        std::filesystem::path changed(const std::function<void(std::string&)>& change) const {
            std::ifstream whole(fixture("greeter-2"), std::ios::binary);
            std::string content{std::istreambuf_iterator<char>(whole), {}};
            change(content);
            const auto file = house.file("changed.so");
            std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
            return file;
        }
    };

public:
    void namesBothSidesOfWhatDoesNotFit() {
        Healthy healthy;
        healthy.expect(fixture("wrong-magic"), {"begins with 42", std::to_string(PluginDescriptor::expectedMagic)});
        const auto ours = "this host has " + std::to_string(PluginDescriptor::currentAbiMajor) + ".";
        healthy.expect(fixture("wrong-abi"), {"ABI 99.0", ours, "build it with the SDK"});
        healthy.expect(fixture("newer-abi"), {ours, "build it with the SDK"});
        healthy.expect(fixture("wrong-size"), {"8 bytes", std::to_string(sizeof(PluginDescriptor))});
        healthy.expect(fixture("wrong-fingerprint"), {"\"clang99\"", buildFingerprint, "build both alike"});
        healthy.expect(fixture("other-id"), {"\"somebody-else\"", "\"greeter\"", "plugin.greeter.library"});
        healthy.expect(fixture("counter-1"), {"\"counter\"", "\"greeter\"", "plugin.greeter.library"});
    }

    void namesWhatIsMissing() {
        Healthy healthy;
        healthy.expect(fixture("no-plugin"), {"does not export playhousePluginDescriptor", "PLAYHOUSE_PLUGIN"});
        healthy.expect(fixture("missing-symbol"), {"it needs fixtures::rendition(std::", "link what defines it"});
        healthy.expect(fixture("missing-library"), {"it needs the library libfixture-absent.so", "install it"});
    }

    void refusesFilesThatAreNoLibraries() {
        Healthy healthy;
        auto& house = healthy.house;
        healthy.expect(fixture("not-there"), {"No such file", "correct its path"});
        std::ofstream(house.file("text.so")) << "#!/bin/sh";
        healthy.expect(house.file("text.so"), {"no ELF file"});
        std::ofstream(house.file("empty.so")).flush();
        healthy.expect(house.file("empty.so"), {"it is empty"});
        std::filesystem::create_directory(house.file("folder.so"));
        healthy.expect(house.file("folder.so"), {"it is a directory"});
        CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(house.file("pipe.so").c_str(), 0600));
        healthy.expect(house.file("pipe.so"), {"not a regular file"});
        healthy.expect("/dev/zero", {"not a regular file"});
        std::filesystem::create_symlink("loop.so", house.file("loop.so"));
        healthy.expect(house.file("loop.so"), {"it cannot be read", "symbolic links"});
        healthy.expect("/proc/self/exe", {"does not export playhousePluginDescriptor"});
        // Root reads everything.
        if (::geteuid() != 0) {
            std::filesystem::copy_file(fixture("greeter-2"), house.file("secret.so"));
            std::filesystem::permissions(house.file("secret.so"), std::filesystem::perms::none);
            healthy.expect(house.file("secret.so"), {"cannot be opened for reading", "permissions"});
        }
    }

    void refusesLibrariesForOtherMachines() {
        Healthy healthy;
        const auto withMachine = [&](std::uint16_t machine) {
            return healthy.changed([&](std::string& content) {
                content.replace(offsetof(Elf64_Ehdr, e_machine), sizeof machine,
                                reinterpret_cast<const char*>(&machine), sizeof machine);
            });
        };
        healthy.expect(withMachine(EM_RISCV), {"built for another machine (RISC-V, here "});
        healthy.expect(withMachine(EM_386), {"built for another machine (i386, here "});
        healthy.expect(withMachine(9999), {"built for another machine (ELF machine 9999, here "});
        healthy.expect(healthy.changed([](std::string& content) { content[EI_CLASS] = ELFCLASS32; }),
                       {"another machine"});
        healthy.expect(healthy.changed([](std::string& content) { content[EI_DATA] = ELFDATA2MSB; }),
                       {"another machine"});
        healthy.expect(healthy.changed([](std::string& content) { content[offsetof(Elf64_Ehdr, e_type)] = ET_REL; }),
                       {"an ELF file, but not a shared library"});
    }

    void refusesACutOffLibraryInsteadOfDying() {
        Healthy healthy;
        const auto whole = std::filesystem::file_size(fixture("greeter-2"));
        for (const std::uintmax_t size :
             {std::uintmax_t{3}, std::uintmax_t{64}, std::uintmax_t{4096}, whole / 2, whole - 4096, whole - 1})
            healthy.expect(healthy.changed([&](std::string& content) { content.resize(size); }), {});
    }

    /// The loader trusts the headers; what is refused here is what LibraryFile reads. A file that it lets through is
    /// whole, so the loader may load it.
    void refusesEveryDamageToTheHeadersInsteadOfDying() {
        Healthy healthy;
        const auto write = [](std::string& content, std::size_t at, std::uint64_t value, std::size_t size) {
            content.replace(at, size, reinterpret_cast<const char*>(&value), size);
        };
        constexpr std::uint64_t far = 0xffffffffffffff00;
        for (const auto& [offset, size] : {std::pair{offsetof(Elf64_Ehdr, e_shoff), std::size_t{8}},
                                           std::pair{offsetof(Elf64_Ehdr, e_phoff), std::size_t{8}},
                                           std::pair{offsetof(Elf64_Ehdr, e_shnum), std::size_t{2}},
                                           std::pair{offsetof(Elf64_Ehdr, e_phnum), std::size_t{2}}})
            healthy.expect(healthy.changed([&](std::string& content) { write(content, offset, far, size); }), {});
        // The tables of symbols and of their names, too large or elsewhere.
        Elf64_Ehdr header{};
        healthy.changed([&](std::string& content) { content.copy(reinterpret_cast<char*>(&header), sizeof header); });
        for (std::size_t index = 0; index < header.e_shnum; ++index) {
            const auto section = header.e_shoff + index * sizeof(Elf64_Shdr);
            Elf64_Shdr before{};
            healthy.changed(
                [&](std::string& content) { content.copy(reinterpret_cast<char*>(&before), sizeof before, section); });
            if (before.sh_type != SHT_DYNSYM) continue;
            for (const auto field : {offsetof(Elf64_Shdr, sh_offset), offsetof(Elf64_Shdr, sh_size)})
                healthy.expect(healthy.changed([&](std::string& content) { write(content, section + field, far, 8); }),
                               {"cut off"});
            healthy.expect(healthy.changed([&](std::string& content) {
                write(content, section + offsetof(Elf64_Shdr, sh_link), 0xfffff, 4);
            }),
                           {"symbols have no names"});
        }
    }

    void runsNothingOfALibraryThatIsNoPlugin() {
        Healthy healthy;
        const auto ran = healthy.house.file("ran");
        ::setenv("PLAYHOUSE_FIXTURE_RAN", ran.c_str(), 1);
        healthy.expect(fixture("runs-when-loaded"), {"does not export playhousePluginDescriptor"});
        ::unsetenv("PLAYHOUSE_FIXTURE_RAN");
        CPPUNIT_ASSERT(!std::filesystem::exists(ran));
    }

    void reportsAFailedStart() {
        PluginHouse house;
        const auto failures = house.manager().startAll({configured("faulty", "wrong-fingerprint")});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failures.size());
        CPPUNIT_ASSERT_EQUAL(std::string("503 faulty"), house.get("/faulty"));
        CPPUNIT_ASSERT(house.statusOf("faulty").state == host::PluginState::Failed);
        CPPUNIT_ASSERT_EQUAL(failures[0], house.statusOf("faulty").error);
    }

    void forgetsTheRefusalWhenASwapSucceeds() {
        Healthy healthy;
        healthy.refusalOf(fixture("no-plugin"));
        healthy.house.manager().swap("greeter", fixture("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string(), healthy.house.statusOf("greeter").error);
    }

    void leavesNothingBehind() {
        Healthy healthy;
        for (const auto* library : {"wrong-magic", "no-plugin", "other-id", "missing-symbol", "not-there"})
            healthy.refusalOf(fixture(library));
        if (librariesStayLoaded) return;
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, healthy.house.copies());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, healthy.house.mappedCopies());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LibraryRefusalTest);
