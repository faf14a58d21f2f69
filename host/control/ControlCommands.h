#pragma once

#include "ControlCall.h"
#include "ControlClient.h"

#include <boost/json/object.hpp>

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace playhouse::host {

/// What was asked for is not done, with the envelope that says why.
class ControlRefusal : public std::runtime_error {
public:
    /// A refusal of this program.
    ControlRefusal(const std::string& code, const std::string& message, const boost::json::object& details = {});

    /// A refusal of the server.
    explicit ControlRefusal(const ControlAnswer& answer);

    /// {"success": false, "error": {"code", "message", "details"}, "timestamp"}
    const std::string& envelope() const noexcept { return envelope_; }

private:
    std::string envelope_;
};

/// Where playhousectl runs.
struct ControlPlace {
    std::ostream& out;
    std::ostream& err;
    bool isTerminal = false;  ///< `out` is one: what is watched is drawn anew in place

    /// Waits before a watched thing is looked at again; false ends the watching.
    std::function<bool(std::chrono::milliseconds)> pause;
};

/// One running command: what was asked, where its answers go, and the server.
class ControlSession {
public:
    ControlSession(const ControlCall& call, const ControlPlace& place) : call_(call), place_(place) {}

    const ControlCall& call() const noexcept { return call_; }
    const ControlPlace& place() const noexcept { return place_; }
    bool wantsJson() const { return call_.has("--json"); }

    /// The server that the options, or else the environment, name. Throws
    /// ControlUsage.
    ControlClient client() const;

    /// A client that gives up sooner, for what is only nice to have.
    ControlClient hastyClient() const;

    /// Tells what was found: `data` in an envelope with --json, else `text`.
    void tell(const boost::json::object& data, const std::string& text) const;

    /// Tells the server's answer: as it is with --json, else as `text` makes it.
    /// Throws ControlRefusal.
    void tell(const ControlAnswer& answer,
              const std::function<std::string(const boost::json::object& data)>& text) const;

private:
    const ControlCall& call_;
    const ControlPlace& place_;
};

struct ControlCommand {
    CommandSyntax syntax;
    void (*run)(const ControlSession& session);  ///< throws ControlRefusal, ControlUsage,
                                                 ///< and what ControlClient does
};

/// Every command of playhousectl, in the order in which people should meet
/// them.
const std::vector<ControlCommand>& controlCommands();
std::vector<const CommandSyntax*> commandSyntaxes();

// Commands that ask the server: ServerCommands.cpp, WatchCommand.cpp,
// LogsCommand.cpp
void runPlugins(const ControlSession& session);
void runStatus(const ControlSession& session);
void runEnable(const ControlSession& session);
void runDisable(const ControlSession& session);
void runSwap(const ControlSession& session);
void runRollback(const ControlSession& session);
void runReload(const ControlSession& session);
void runLogs(const ControlSession& session);

/// Asks for `path` again and again, as --watch says, and shows each answer as
/// `text` makes it.
void watch(const ControlSession& session, const std::string& path,
           const std::function<std::string(const boost::json::object& data)>& text);

// Commands of the machine at hand: NewPlugin.cpp, LibraryCommands.cpp,
// Completion.cpp
void runNew(const ControlSession& session);
void runVerify(const ControlSession& session);
void runSign(const ControlSession& session);
void runCompletion(const ControlSession& session);

/// A number of an option, from `least` to `most`; `fallback` when it is not
/// given. Throws ControlUsage.
double numberOf(const ControlCall& call, std::string_view option, double least, double most, double fallback);

}  // namespace playhouse::host
