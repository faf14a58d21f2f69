#include "control/FileWatch.h"

#include "../configuration/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>

using playhouse::host::FileWatch;

class FileWatchTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FileWatchTest);
    CPPUNIT_TEST(noticesAWriteInPlace);
    CPPUNIT_TEST(noticesAReplacementOfTheSameSizeAndTime);
    CPPUNIT_TEST(noticesALinkThatIsTurnedRound);
    CPPUNIT_TEST(noticesAFileThatGoesAndComes);
    CPPUNIT_TEST_SUITE_END();

    TemporaryDirectory directory_;

    FileWatch watching(const std::filesystem::path& file) {
        FileWatch watch;
        watch.watch({file});
        CPPUNIT_ASSERT(!watch.changed());
        return watch;
    }

public:
    void noticesAWriteInPlace() {
        auto watch = watching(directory_.write("a", "1"));
        directory_.write("a", "22");
        CPPUNIT_ASSERT(watch.changed());
        CPPUNIT_ASSERT(!watch.changed());
    }

    void noticesAReplacementOfTheSameSizeAndTime() {
        const auto file = directory_.write("a", "1");
        auto watch = watching(file);
        const auto other = directory_.write("b", "2");
        std::filesystem::last_write_time(other, std::filesystem::last_write_time(file));
        std::filesystem::rename(other, file);
        CPPUNIT_ASSERT(watch.changed());
    }

    void noticesALinkThatIsTurnedRound() {
        const auto link = directory_.path() / "link";
        std::filesystem::create_symlink(directory_.write("old", "1"), link);
        auto watch = watching(link);
        std::filesystem::create_symlink(directory_.write("new", "1"), directory_.path() / "next");
        std::filesystem::rename(directory_.path() / "next", link);
        CPPUNIT_ASSERT(watch.changed());
    }

    void noticesAFileThatGoesAndComes() {
        const auto file = directory_.write("a", "1");
        auto watch = watching(file);
        std::filesystem::remove(file);
        CPPUNIT_ASSERT(watch.changed());
        directory_.write("a", "1");
        CPPUNIT_ASSERT(watch.changed());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FileWatchTest);
