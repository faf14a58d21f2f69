#include "Application.h"

#include "AuditLog.h"
#include "CheckConfiguration.h"
#include "Logging.h"
#include "Server.h"
#include "Signals.h"
#include "Systemd.h"
#include "UserName.h"
#include "Version.h"
#include "configuration/ConfigurationError.h"
#include "configuration/NearestName.h"
#include "platform/ThrownText.h"
#include "plugins/PluginError.h"

#include <playhouse/PluginDescriptor.h>

#include <Poco/Logger.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

#include <sys/resource.h>
#include <unistd.h>

#include <iostream>
#include <utility>

namespace playhouse::host {
namespace {

using Poco::Util::Option;

constexpr const char* installedConfiguration = "/etc/playhouse/playhouse.properties";

Poco::Logger& hostLogger() {
    return Poco::Logger::get("host");
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
    return all;
}

void tellVersion() {
    std::cout << "playhouse " << hostVersion << "\n"
              << "build: " << buildType << ", g++ " << __VERSION__ << "\n"
              << "fingerprint, which a plugin's must equal: " << buildFingerprint << "\n";
}

/// Connections, media files and cached segments each hold a descriptor; the usual soft limit of 1024 is soon reached.
void raiseFileLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        hostLogger().warning("The limit of open files could not be raised; many connections at once may be refused.");
}

}  // namespace

Application::Application() {
    keepSignals();
    sources_.workingDirectory = std::filesystem::current_path();
    sources_.executableDirectory = std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

int Application::runWith(int argumentCount, char** arguments) {
    if (!isUnderstood({arguments + 1, arguments + argumentCount})) return EXIT_USAGE;
    return run(argumentCount, arguments);
}

void Application::defineOptions(Poco::Util::OptionSet& options) {
    // Not ServerApplication's: supervisors make daemons, pid files and masks, and the log goes to standard error.
    Poco::Util::Application::defineOptions(options);
    options.addOption(Option("config", "c",
                             "the configuration file; else /etc/playhouse/playhouse.properties when it "
                             "is there, else the defaults")
                          .argument("FILE"));
    options.addOption(Option("define", "D", "set a configuration key, over files and environment")
                          .argument("KEY=VALUE")
                          .repeatable(true));
    options.addOption(Option("check-config", "",
                             "check the configuration and every plugin's start, tell what comes of "
                             "it, and end"));
    options.addOption(Option("version", "", "tell the version and end"));
    options.addOption(Option("help", "h", "tell this and end"));
}

void Application::handleOption(const std::string& name, const std::string& value) {
    Poco::Util::Application::handleOption(name, value);
    if (name == "config") sources_.file = sources_.workingDirectory / value;
    if (name == "define") sources_.definitions.push_back(value);
    if (name == "check-config") task_ = Task::CheckConfiguration;
    if (name == "version") task_ = Task::TellVersion;
    if (name == "help") task_ = Task::TellHelp;
    if (name == "version" || name == "help") stopOptionsProcessing();
}

/// Poco would log a wrong option by a logger that is not set up yet, and without a hint.
bool Application::isUnderstood(const std::vector<std::string>& arguments) {
    Poco::Util::OptionSet options;
    defineOptions(options);
    Poco::Util::OptionProcessor processor(options);
    std::string current;
    try {
        for (const auto& argument : arguments) {
            current = argument;
            std::string name;
            std::string value;
            if (!processor.process(argument, name, value)) {
                std::cerr << "playhouse: \"" << argument << "\" is not an option; --help shows them\n";
                return false;
            }
            if (name == "help" || name == "version") return true;
        }
        processor.checkRequired();
        return true;
    } catch (const Poco::Util::UnknownOptionException&) {
        std::vector<std::string> names;
        for (const auto& option : options) names.push_back("--" + option.fullName());
        std::cerr << "playhouse: unknown option " << current << didYouMean(current.substr(0, current.find('=')), names)
                  << "\n";
    } catch (const Poco::Exception& error) {
        std::cerr << "playhouse: " << error.displayText() << "\n";
    }
    std::cerr << "playhouse --help shows the options.\n";
    return false;
}

int Application::main(const std::vector<std::string>&) {
    if (task_ == Task::TellVersion) {
        tellVersion();
        return EXIT_OK;
    }
    if (task_ == Task::TellHelp) {
        Poco::Util::HelpFormatter help(options());
        help.setCommand("playhouse");
        help.setUsage("[--config FILE] [-D KEY=VALUE ...]");
        help.setHeader(
            "The backend that a video player needs, in one process. Every configuration key is described in "
            "config/playhouse.properties; SIGHUP reads the configuration again, SIGTERM ends the server when "
            "its requests are answered.");
        help.format(std::cout);
        return EXIT_OK;
    }
    try {
        if (!sources_.file && std::filesystem::exists(installedConfiguration)) sources_.file = installedConfiguration;
        sources_.environment = configurationEnvironment();
        auto loaded = host::loadConfiguration(sources_);
        return task_ == Task::CheckConfiguration ? check(loaded) : serve(std::move(loaded));
    } catch (const ConfigurationError& error) {
        std::cerr << "playhouse: the configuration cannot be used:\n" << error.what() << "\n";
        return EXIT_CONFIG;
    }
}

int Application::check(const LoadedConfiguration& loaded) const {
    configureLogging({.level = "error", .format = LogFormat::Text});
    // Nothing is lost when somebody does not wait for a plugin that hangs.
    letSignalsKill();
    const auto found = checkConfiguration(loaded, std::cout);
    const int exitCode = found.isValid ? EXIT_OK : EXIT_CONFIG;
    std::cout.flush();
    if (found.isStuck) ::_exit(exitCode);
    return exitCode;
}

int Application::serve(LoadedConfiguration loaded) {
    configureLogging(loaded.host.log, logs_);
    raiseFileLimit();
    // Before the start, so that an edit during it is noticed after it.
    watchedFiles_ = loaded.watchedFiles();
    fileWatch_.watch(watchedFiles_);
    for (const auto& [name, value] : loaded.unread) hostLogger().debug(name + " is set, and nothing reads it yet");
    const auto starter = userName(::getuid());
    const auto program = "playhouse " + std::string(hostVersion);
    Server server(sources_, std::move(loaded), logs_);
    const auto refuse = [&](const std::exception& error, int exitCode) {
        const auto text = thrownText(error);
        hostLogger().error(text);
        writeAudit({.who = starter, .action = "start", .detail = program, .refusal = text});
        // Plugins run already when a port turns out to be taken.
        if (server.stop() == Server::Ending::Stuck) ::_exit(exitCode);
        return exitCode;
    };
    try {
        server.start();
    } catch (const PluginError& error) {
        return refuse(error, EXIT_CONFIG);
    } catch (const ConfigurationError& error) {
        return refuse(error, EXIT_CONFIG);
    } catch (const std::exception& error) {
        return refuse(error, EXIT_UNAVAILABLE);
    }
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - startedAt_);
    std::cout << "Playhouse " << hostVersion << " is ready: " << server.urls() << " (started in " << took.count()
              << " ms)" << std::endl;
    writeAudit({.who = starter, .action = "start", .detail = program + " at " + server.urls(), .took = took});
    notifyReady("Serving " + server.urls());
    const auto terminator = watchUntilTerminated(server);
    const auto stoppedAt = std::chrono::steady_clock::now();
    const auto auditStop = [&](const std::string& refusal) {
        writeAudit({.who = terminator,
                    .action = "stop",
                    .refusal = refusal,
                    .took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                                  stoppedAt)});
    };

    hostLogger().information("Stopping: running requests are answered first; a second signal ends at once.");
    notifyStopping();
    letSignalsKill();
    switch (server.stop()) {
        case Server::Ending::Clean:
            auditStop({});
            hostLogger().information("Stopped; every request was answered.");
            break;
        case Server::Ending::Cut:
            auditStop("some requests were cut off");
            hostLogger().warning("Stopped; some requests were cut off after shutdown.timeout.");
            break;
        case Server::Ending::Stuck:
            auditStop("a plugin was cut off");
            hostLogger().warning("Stopped; a plugin was still at work after shutdown.timeout and was cut off.");
            std::cout.flush();
            ::_exit(EXIT_OK);
    }
    return EXIT_OK;
}

std::string Application::watchUntilTerminated(Server& server) {
    bool wasRefused = false;
    while (true) {
        const auto watch = server.watch();
        const auto signal = waitForSignal(watch.enabled ? watch.interval : std::chrono::hours(1));
        if (signal.event == SignalEvent::Terminate) return signal.sender;
        const bool changed = watch.enabled && fileWatch_.changed();
        // A refused configuration may be mended in a file that it included and that is not watched yet.
        const bool hangup = signal.event == SignalEvent::Reload;
        if (hangup || changed || (watch.enabled && wasRefused)) {
            if (hangup || changed) lastRefusal_.clear();
            wasRefused = !(hangup ? reload(server, "SIGHUP", signal.sender)
                                  : reload(server, "its file has changed", "configuration.watch"));
        }
        if (auto now = server.watchedFiles(); now != watchedFiles_) {
            watchedFiles_ = std::move(now);
            fileWatch_.watch(watchedFiles_);
        }
    }
}

/// False when the configuration was refused; the same refusal is told once.
bool Application::reload(Server& server, const std::string& why, const std::string& who) {
    notifyReloading();
    bool taken = true;
    try {
        const auto report = auditedReload(server, who, lastRefusal_);
        hostLogger().information(
            "Configuration read again (" + why +
            "): " + (report.changed.empty() ? "nothing has changed" : "in use now: " + joined(report.changed)));
        if (!report.needsRestart.empty())
            hostLogger().warning("These take a restart, and are as they were until then: " +
                                 joined(report.needsRestart));
    } catch (const ConfigurationError& error) {
        taken = false;
        if (std::exchange(lastRefusal_, error.what()) != error.what())
            for (const auto& problem : error.problems())
                hostLogger().error("The new configuration is refused, and the one before stays in use: " + problem);
    } catch (const std::exception& error) {
        hostLogger().error("Configuration read again (" + why + "), but: " + error.what());
    }
    notifyReady("Serving " + server.urls());
    return taken;
}

}  // namespace playhouse::host
