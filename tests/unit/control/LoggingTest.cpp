#include "control/Logging.h"

#include "../configuration/TemporaryDirectory.h"
#include "control/Signals.h"

#include <Poco/Logger.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

using namespace playhouse::host;

namespace {

/// Leads standard error elsewhere until it goes.
class StandardError {
public:
    StandardError() : before_(::dup(STDERR_FILENO)) {}
    ~StandardError() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
    }
    StandardError(const StandardError&) = delete;
    StandardError& operator=(const StandardError&) = delete;

    static void leadTo(const std::filesystem::path& file) {
        const int opened = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
        CPPUNIT_ASSERT(opened >= 0);
        ::dup2(opened, STDERR_FILENO);
        ::close(opened);
    }

private:
    int before_;
};

std::vector<std::string> linesOf(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

}  // namespace

/// A log that cannot be written holds nobody up, and says later what it lost.
class LoggingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LoggingTest);
    CPPUNIT_TEST(linesLostToAFullDiskAreKeptAndTold);
    CPPUNIT_TEST(theLossIsToldInTheFormatOfTheLog);
    CPPUNIT_TEST(aFileAtItsLimitEndsNoServer);
    CPPUNIT_TEST_SUITE_END();

    const TemporaryDirectory directory_;
    const std::filesystem::path file_ = directory_.path() / "log";

public:
    void tearDown() override { configureLogging({.level = "error"}); }

    void linesLostToAFullDiskAreKeptAndTold() {
        const auto kept = std::make_shared<KeptLogs>();
        configureLogging({.level = "info", .format = LogFormat::Text, .keptLines = 10}, kept);
        auto& audit = Poco::Logger::get("audit");
        {
            const StandardError error;
            StandardError::leadTo("/dev/full");
            audit.information("anna: swap chat: done");
            audit.information("anna: swap drm: done");
            StandardError::leadTo(file_);
            audit.information("anna: swap cdn: done");
            audit.information("anna: swap auth: done");
        }
        const auto lines = linesOf(file_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, lines.size());
        CPPUNIT_ASSERT_MESSAGE(lines[0], lines[0].ends_with("warning host log: 2 lines before this one could not be "
                                                            "written: No space left on device"));
        CPPUNIT_ASSERT_MESSAGE(lines[1], lines[1].ends_with("anna: swap cdn: done"));
        CPPUNIT_ASSERT_MESSAGE(lines[2], lines[2].ends_with("anna: swap auth: done"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, kept->read({}).records.size());
    }

    void theLossIsToldInTheFormatOfTheLog() {
        configureLogging({.level = "info", .format = LogFormat::Json});
        {
            const StandardError error;
            StandardError::leadTo("/dev/full");
            Poco::Logger::get("host").information("lost");
            StandardError::leadTo(file_);
            Poco::Logger::get("host").information("written");
        }
        const auto lines = linesOf(file_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        CPPUNIT_ASSERT(boost::json::parse(lines[0]).at("level").as_string() == "warning");
        CPPUNIT_ASSERT(boost::json::parse(lines[1]).at("message").as_string() == "written");
    }

    /// RLIMIT_FSIZE, as `ulimit -f` and systemd's LimitFSIZE= set it: a line that is cut ends before the next begins.
    void aFileAtItsLimitEndsNoServer() {
        const auto child = ::fork();
        if (child == 0) {
            keepSignals();
            configureLogging({.level = "info", .format = LogFormat::Text});
            StandardError::leadTo(file_);
            const auto limit = [](rlim_t bytes) {
                const rlimit set{bytes, RLIM_INFINITY};
                ::setrlimit(RLIMIT_FSIZE, &set);
            };
            limit(100);
            for (int line = 0; line < 5; ++line) Poco::Logger::get("host").information("a line of some length");
            limit(10'000);
            Poco::Logger::get("host").information("the last line");
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        CPPUNIT_ASSERT_MESSAGE("ended by signal " + std::to_string(WTERMSIG(status)), WIFEXITED(status));
        const auto lines = linesOf(file_);
        CPPUNIT_ASSERT(lines.size() >= 3);
        CPPUNIT_ASSERT_MESSAGE(lines[lines.size() - 2],
                               lines[lines.size() - 2].find(" host log: ") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(lines.back(), lines.back().ends_with("the last line"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoggingTest);
