#include "platform/HostStorage.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <stdlib.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>

using playhouse::host::HostStorage;

/// Files of plugins lie where they belong, and are written whole or not at all.
class HostStorageTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HostStorageTest);
    CPPUNIT_TEST(directoriesAreMadeWhenAskedFor);
    CPPUNIT_TEST(aNameThatIsNoSingleDirectoryIsRefused);
    CPPUNIT_TEST(writingReplacesTheWholeFile);
    CPPUNIT_TEST(aSecretIsForItsOwnerAlone);
    CPPUNIT_TEST(aFailedWriteLeavesTheOldFileAndNothingElse);
    CPPUNIT_TEST_SUITE_END();

    std::filesystem::path root_;

    static std::string read(const std::filesystem::path& file) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    static auto filesIn(const std::filesystem::path& directory) {
        return std::distance(std::filesystem::directory_iterator(directory), {});
    }

public:
    void setUp() override {
        auto name = (std::filesystem::temp_directory_path() / "playhouse-storage-XXXXXX").string();
        CPPUNIT_ASSERT(::mkdtemp(name.data()));
        root_ = name;
    }

    void tearDown() override { std::filesystem::remove_all(root_); }

    void directoriesAreMadeWhenAskedFor() {
        HostStorage storage(root_ / "deep", "chat");
        CPPUNIT_ASSERT_EQUAL(root_ / "deep" / "videos", storage.sharedDirectory("videos"));
        CPPUNIT_ASSERT(std::filesystem::is_directory(root_ / "deep" / "videos"));
        CPPUNIT_ASSERT(std::filesystem::is_directory(storage.ownDirectory()));
        CPPUNIT_ASSERT(storage.ownDirectory() != HostStorage(root_ / "deep", "drm").ownDirectory());
    }

    void aNameThatIsNoSingleDirectoryIsRefused() {
        HostStorage storage(root_, "chat");
        for (const auto* name : {"", ".", "..", "a/b", "/etc", "../x"})
            CPPUNIT_ASSERT_THROW(storage.sharedDirectory(name), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(storage.sharedDirectory(std::string_view("a\0b", 3)), std::invalid_argument);
    }

    void aSecretIsForItsOwnerAlone() {
        HostStorage storage(root_ / "deep", "auth");
        const auto modeOf = [](const std::filesystem::path& file) {
            return static_cast<unsigned>(std::filesystem::status(file).permissions()) & 0777U;
        };
        const auto file = storage.rootDirectory() / "secret";
        CPPUNIT_ASSERT_EQUAL(root_ / "deep" / "secret", file);
        storage.writeAtomically(file, "open");
        CPPUNIT_ASSERT((modeOf(file) & 0077U) != 0);
        storage.writeAtomically(file, "closed", HostStorage::Readers::Owner);
        CPPUNIT_ASSERT_EQUAL(0600U, modeOf(file));
    }

    void writingReplacesTheWholeFile() {
        HostStorage storage(root_, "chat");
        const auto file = storage.ownDirectory() / "rooms.json";
        storage.writeAtomically(file, "a longer text than the next");
        storage.writeAtomically(file, "short");
        CPPUNIT_ASSERT_EQUAL(std::string("short"), read(file));
        CPPUNIT_ASSERT_EQUAL(1L, static_cast<long>(filesIn(file.parent_path())));
    }

    void aFailedWriteLeavesTheOldFileAndNothingElse() {
        HostStorage storage(root_, "chat");
        CPPUNIT_ASSERT_THROW(storage.writeAtomically(root_ / "missing" / "file", "text"), std::system_error);
        std::filesystem::create_directory(root_ / "taken");
        std::ofstream(root_ / "taken" / "inside") << "x";
        CPPUNIT_ASSERT_THROW(storage.writeAtomically(root_ / "taken", "text"), std::system_error);
        CPPUNIT_ASSERT_EQUAL(1L, static_cast<long>(filesIn(root_)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostStorageTest);
