#pragma once

#include "../unit/configuration/TemporaryDirectory.h"
#include "Backends.h"
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

    /// What it tells programs that went wrong: "503 DATABASE_UNAVAILABLE"; the status alone when nothing did.
    std::string outcome() const;
};

/// Where the plugins for tests are.
inline const std::string fixtures = PLAYHOUSE_FIXTURES;

void assertHolds(const std::string& text, const std::string& part);

/// The program `playhouse` of this build, on a free port, over a storage of its own and with a configuration file that
/// tests edit. Nobody else's environment or plugins get in.
class ServerProcess {
public:
    /// @param configuration  its lines beyond those that keep it apart from other servers
    /// @param backends  those of this run of the tests, unless a test is about others
    explicit ServerProcess(const std::string& configuration, Backends backends = backendsOfThisRun());

    /// Kills it when it still runs.
    ~ServerProcess();

    /// Starts it, after its end again, and waits until it says that it is ready. Fails the test when it does not.
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

    /// `kill -9`, and its end.
    void kill();

    HttpAnswer get(const std::string& path) const;
    HttpAnswer post(const std::string& path, const std::string& body) const;
    HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body,
                   const std::map<std::string, std::string>& headers = {}) const;

    /// Arguments for playhousectl that lead to this server.
    std::vector<std::string> control(std::vector<std::string> arguments) const;

    std::uint16_t port() const noexcept { return port_; }
    int pid() const { return static_cast<int>(process_->id()); }
    std::filesystem::path configurationFile() const { return directory_.path() / "server.properties"; }
    std::filesystem::path storage() const { return directory_.path() / "storage"; }
    std::filesystem::path socket() const { return directory_.path() / "storage/control.sock"; }
    const std::string& readyLine() const noexcept { return readyLine_; }

private:
    TemporaryDirectory directory_;
    Backends backends_;
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
