#pragma once

#include "FileWatch.h"
#include "KeptLogs.h"
#include "configuration/ConfigurationLoader.h"

#include <Poco/Crypto/OpenSSLInitializer.h>
#include <Poco/Util/ServerApplication.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace playhouse::host {

class Server;

/// The program `playhouse`: its command line, its signals, and one Server.
class Application final : public Poco::Util::ServerApplication {
public:
    /// To be made first thing in main(), before any thread.
    Application();

    /// Runs until SIGTERM or SIGINT; gives the exit code: 0, or 64 for a command line that is not understood, 69 when a
    /// port or socket cannot be had, 78 for a configuration that cannot be used.
    int runWith(int argumentCount, char** arguments);

protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    int main(const std::vector<std::string>& arguments) override;

private:
    enum class Task { Serve, CheckConfiguration, TellVersion, TellHelp };

    bool isUnderstood(const std::vector<std::string>& arguments);
    int check(const LoadedConfiguration& loaded) const;
    int serve(LoadedConfiguration loaded);
    /// Gives who ended it.
    std::string watchUntilTerminated(Server& server);
    bool reload(Server& server, const std::string& why, const std::string& who);

    /// Plugins may use what Poco has of OpenSSL on any thread, and Poco does not survive that its last user ends on
    /// several at once: there is one as long as the process.
    const Poco::Crypto::OpenSSLInitializer keepsOpenSsl_;
    const std::chrono::steady_clock::time_point startedAt_ = std::chrono::steady_clock::now();
    const std::shared_ptr<KeptLogs> logs_ = std::make_shared<KeptLogs>();
    ConfigurationSources sources_;
    Task task_ = Task::Serve;
    FileWatch fileWatch_;
    std::vector<std::filesystem::path> watchedFiles_;
    std::string lastRefusal_;  ///< so that it is told once
};

}  // namespace playhouse::host
