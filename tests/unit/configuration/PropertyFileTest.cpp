#include "configuration/PropertyFile.h"

#include "TemporaryDirectory.h"
#include "configuration/ConfigurationError.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>

using namespace playhouse::host;

class PropertyFileTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PropertyFileTest);
    CPPUNIT_TEST(readsKeysValuesAndLines);
    CPPUNIT_TEST(continuesALineAfterABackslash);
    CPPUNIT_TEST(readsFilesWrittenOnWindows);
    CPPUNIT_TEST(passesOverAByteOrderMark);
    CPPUNIT_TEST(refusesALineWithoutEqualsSign);
    CPPUNIT_TEST(refusesAKeyThatStandsTwice);
    CPPUNIT_TEST(tellsEveryWrongLineAtOnce);
    CPPUNIT_TEST(refusesAFileThatIsNotThere);
    CPPUNIT_TEST(refusesAPipeWithoutWaitingForIt);
    CPPUNIT_TEST(refusesAFileThatIsFarTooLarge);
    CPPUNIT_TEST(readsTheIncludedFileFirst);
    CPPUNIT_TEST(refusesAnIncludeThatIsNotThere);
    CPPUNIT_TEST(refusesFilesThatIncludeEachOther);
    CPPUNIT_TEST_SUITE_END();

    TemporaryDirectory directory_;

    std::string refusal(const std::filesystem::path& file) {
        try {
            readWithIncludes(file);
        } catch (const ConfigurationError& error) {
            return error.what();
        }
        CPPUNIT_FAIL("accepted " + file.string());
        return {};
    }

public:
    void readsKeysValuesAndLines() {
        const auto file =
            PropertyFile::read(directory_.write("a", "# comment\n\nserver.port = 1 \n! other\nx: y = z\ne=\n"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, file.properties.size());
        CPPUNIT_ASSERT_EQUAL(std::string("server.port"), file.properties[0].key);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), file.properties[0].value);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, file.properties[0].line);
        CPPUNIT_ASSERT_EQUAL(std::string("y = z"), file.properties[1].value);
        CPPUNIT_ASSERT_EQUAL(std::string(), file.properties[2].value);
    }

    void continuesALineAfterABackslash() {
        const auto file = PropertyFile::read(directory_.write("a", "list = a, \\\n  b\nnext = 1\n"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, file.properties.size());
        CPPUNIT_ASSERT(file.properties[0].value.find("a,") == 0);
        CPPUNIT_ASSERT(file.properties[0].value.find('b') != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, file.properties[1].line);
    }

    void readsFilesWrittenOnWindows() {
        const auto file = PropertyFile::read(directory_.write("a", "a = 1\r\n\r\nb = 2\r\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), file.properties.at(0).value);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), file.properties.at(1).value);
    }

    void passesOverAByteOrderMark() {
        const auto file = PropertyFile::read(directory_.write("marked.properties", "\xef\xbb\xbfserver.port = 1\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("server.port"), file.properties.at(0).key);
    }

    void refusesALineWithoutEqualsSign() {
        const auto file = directory_.write("a.properties", "a = 1\nserver.port 3000\n");
        CPPUNIT_ASSERT_EQUAL(file.string() + ":2: \"server.port 3000\" is not of the form \"key = value\"",
                             refusal(file));
    }

    void refusesAKeyThatStandsTwice() {
        const auto file = directory_.write("a.properties", "a = 1\nb = 2\na = 3\n");
        CPPUNIT_ASSERT_EQUAL(file.string() + ":3: a stands on line 1 already; keep one of the two", refusal(file));
    }

    void tellsEveryWrongLineAtOnce() {
        const auto text = refusal(directory_.write("a", "first\nsecond\n= third\n"));
        for (const auto* line : {":1: ", ":2: ", ":3: "}) CPPUNIT_ASSERT(text.find(line) != std::string::npos);
    }

    void refusesAFileThatIsNotThere() {
        CPPUNIT_ASSERT(refusal(directory_.path() / "none").find("none: cannot be read: No such file") !=
                       std::string::npos);
        CPPUNIT_ASSERT(refusal(directory_.path()).find("cannot be read: Is a directory") != std::string::npos);
    }

    void refusesAPipeWithoutWaitingForIt() {
        const auto pipe = directory_.path() / "pipe.properties";
        CPPUNIT_ASSERT_EQUAL(0, mkfifo(pipe.c_str(), 0600));
        CPPUNIT_ASSERT(refusal(pipe).find("give a regular file") != std::string::npos);
        CPPUNIT_ASSERT(refusal("/dev/null").find("give a regular file") != std::string::npos);
    }

    void refusesAFileThatIsFarTooLarge() {
        const auto file = directory_.write("large.properties", "# " + std::string(2 * 1024 * 1024, 'x') + "\n");
        CPPUNIT_ASSERT(refusal(file).find("larger than 1048576 bytes") != std::string::npos);
    }

    void readsTheIncludedFileFirst() {
        directory_.write("base", "a = 1\n");
        const auto files = readWithIncludes(directory_.write("profiles/own", "b = 2\ninclude = ../base\n"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, files.size());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), files[0].properties.at(0).key);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, files[1].properties.size());
        CPPUNIT_ASSERT_EQUAL(std::string("b"), files[1].properties.at(0).key);
    }

    void refusesAnIncludeThatIsNotThere() {
        const auto text = refusal(directory_.write("own", "\ninclude = missing.properties\n"));
        CPPUNIT_ASSERT(text.find("own:2: include = missing.properties: there is no ") != std::string::npos);
    }

    void refusesFilesThatIncludeEachOther() {
        directory_.write("left", "include = right\n");
        directory_.write("right", "include = left\n");
        CPPUNIT_ASSERT(refusal(directory_.path() / "left").find("includes itself") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PropertyFileTest);
