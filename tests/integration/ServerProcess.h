#pragma once

#include "../unit/configuration/TemporaryDirectory.h"
#include "RunProgram.h"

#include <Poco/Pipe.h>
#include <Poco/Process.h>

#include <boost/json/value.hpp>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;

    boost::json::value json() const;
};

/// Where the plugins for tests are.
inline const std::string fixtures = PLAYHOUSE_FIXTURES;

void assertHolds(const std::string& text, const std::string& part);

/// The program `playhouse` of this build, on a free port, over a storage of its own and with a configuration file that
/// tests edit. Nobody else's environment or plugins get in.
class ServerProcess {
public:
    /// Lines of the configuration beyond those that keep it apart from other servers.
    explicit ServerProcess(const std::string& configuration);

    /// Kills it when it still runs.
    ~ServerProcess();

    /// Starts it and waits until it says that it is ready. Fails the test when it does not.
    void start();

    /// Replaces the lines given to the constructor.
    void configure(const std::string& configuration);

    void signal(int number);

    /// Waits until its log holds `text`, and fails the test when that does not come.
    void waitForLog(const std::string& text);

    /// What it has logged so far.
    std::string log();

    /// Waits for its end; gives its exit code.
    int waitForEnd();

    HttpAnswer get(const std::string& path) const;

    /// Arguments for playhousectl that lead to this server.
    std::vector<std::string> control(std::vector<std::string> arguments) const;

    std::uint16_t port() const noexcept { return port_; }
    int pid() const { return static_cast<int>(process_->id()); }
    std::filesystem::path configurationFile() const { return directory_.path() / "server.properties"; }
    std::filesystem::path socket() const { return directory_.path() / "storage/control.sock"; }
    const std::string& readyLine() const noexcept { return readyLine_; }

private:
    TemporaryDirectory directory_;
    std::unique_ptr<Poco::ProcessHandle> process_;
    std::uint16_t port_ = 0;
    std::string readyLine_;
    std::mutex mutex_;
    std::condition_variable grown_;
    std::string log_;
    bool logEnded_ = false;
    Poco::Pipe logPipe_;
    std::thread logReader_;
};
