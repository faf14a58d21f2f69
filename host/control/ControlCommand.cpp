#include "ControlCommand.h"

#include "ControlClient.h"
#include "ControlTables.h"
#include "Version.h"
#include "configuration/NearestName.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <ostream>
#include <stdexcept>

namespace playhouse::host {
namespace {

constexpr const char* usageText = R"(Usage: playhousectl [--socket PATH] [--json] COMMAND

Steers a running Playhouse server.

Commands:
  plugins          the plugins, and how each is
  status           the server itself
  enable ID        take a plugin into service
  disable ID       take a plugin out of service; its paths answer 503 SERVICE_DISABLED
  swap ID [FILE]   replace a running plugin by its library read afresh, or by FILE, without losing a request
  reload           read the configuration again, as SIGHUP does

What enable, disable and swap do holds until that plugin's configuration changes, or the server ends.

Options:
  --socket PATH    the server's control.socket; else $PLAYHOUSE_SOCKET, else /run/playhouse/control.sock when it is
                   there, else control.sock in $STORAGE_PATH or ./storage
  --json           the server's answer as it is
  --help, --version

Exit codes: 0 done, 1 refused or failed, 2 not understood, 3 no server there.
)";

struct Usage : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Arguments {
    std::filesystem::path socket;
    bool json = false;
    bool help = false;
    bool version = false;
    std::vector<std::string> words;
};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::filesystem::path defaultSocket() {
    if (const auto named = environment("PLAYHOUSE_SOCKET"); !named.empty()) return named;
    const std::filesystem::path installed = "/run/playhouse/control.sock";
    if (std::error_code error; std::filesystem::exists(installed, error)) return installed;
    const auto storage = environment("STORAGE_PATH");
    return std::filesystem::path(storage.empty() ? "storage" : storage) / "control.sock";
}

Arguments parse(const std::vector<std::string>& given) {
    Arguments arguments{.socket = defaultSocket(), .words = {}};
    for (std::size_t index = 0; index < given.size(); ++index) {
        const auto& argument = given[index];
        if (argument == "--json") {
            arguments.json = true;
        } else if (argument == "--help" || argument == "-h") {
            arguments.help = true;
        } else if (argument == "--version") {
            arguments.version = true;
        } else if (argument == "--socket") {
            if (++index == given.size()) throw Usage("--socket needs a path");
            arguments.socket = given[index];
        } else if (argument.starts_with("--socket=")) {
            arguments.socket = argument.substr(argument.find('=') + 1);
        } else if (argument.starts_with("-")) {
            throw Usage("unknown option " + argument +
                        didYouMean(argument, {"--socket", "--json", "--help", "--version"}));
        } else {
            arguments.words.push_back(argument);
        }
    }
    return arguments;
}

struct Command {
    std::string name;
    std::size_t leastOperands;
    std::size_t mostOperands;
    std::function<ControlAnswer(const ControlClient&, const std::vector<std::string>& words)> send;
    std::function<std::string(const boost::json::object& data)> tell;
};

std::string pluginSentence(const boost::json::object& plugin) {
    const auto version = textOf(plugin, "version");
    return textOf(plugin, "id") + (version.empty() ? "" : " " + version) + " is " + textOf(plugin, "state") + "\n";
}

std::string swapBody(const std::vector<std::string>& words) {
    if (words.size() < 3) return {};
    if (words[2].empty())
        throw Usage("swap needs the path of a library, or none for the configured one; this one is empty");
    // The server's working directory is another than ours.
    return boost::json::serialize(boost::json::object{{"library", std::filesystem::absolute(words[2]).string()}});
}

std::string pluginPath(const std::string& id, const std::string& action) {
    if (id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos || id.empty())
        throw Usage("\"" + id + "\" is not a plugin's id, which is made of a-z, 0-9 and \"-\"");
    return "/plugins/" + id + "/" + action;
}

const std::vector<Command>& commands() {
    using Words = std::vector<std::string>;
    static const std::vector<Command> all{
        {"plugins", 0, 0, [](const ControlClient& server, const Words&) { return server.get("/plugins"); },
         pluginsTable},
        {"status", 0, 0, [](const ControlClient& server, const Words&) { return server.get("/status"); }, statusTable},
        {"enable", 1, 1,
         [](const ControlClient& server, const Words& words) { return server.post(pluginPath(words[1], "enable")); },
         pluginSentence},
        {"disable", 1, 1,
         [](const ControlClient& server, const Words& words) { return server.post(pluginPath(words[1], "disable")); },
         pluginSentence},
        {"swap", 1, 2,
         [](const ControlClient& server, const Words& words) {
             return server.post(pluginPath(words[1], "swap"), swapBody(words));
         },
         swapSentence},
        {"reload", 0, 0, [](const ControlClient& server, const Words&) { return server.post("/reload"); },
         reloadSentence},
    };
    return all;
}

const Command& findCommand(const std::vector<std::string>& words) {
    if (words.empty()) throw Usage("a command is missing");
    std::vector<std::string> names;
    for (const auto& command : commands()) {
        names.push_back(command.name);
        if (command.name != words[0]) continue;
        const auto operands = words.size() - 1;
        if (operands < command.leastOperands) throw Usage(command.name + " needs the id of a plugin");
        if (operands > command.mostOperands) throw Usage(command.name + " does not take \"" + words.back() + "\"");
        return command;
    }
    throw Usage("unknown command \"" + words[0] + "\"" + didYouMean(words[0], names));
}

std::string refusalOf(const ControlAnswer& answer) {
    try {
        return textOf(answer.json.as_object().at("error").as_object(), "message");
    } catch (const std::exception&) {
        return "the server answered " + std::to_string(answer.status) + ": " + answer.text;
    }
}

ControlExit run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
    const auto& command = findCommand(arguments.words);
    const auto answer = command.send(ControlClient(arguments.socket), arguments.words);
    const bool done = answer.status >= 200 && answer.status < 300;
    if (arguments.json)
        out << answer.text << "\n";
    else if (done)
        out << command.tell(answer.json.as_object().at("data").as_object());
    else
        err << "playhousectl: " << refusalOf(answer) << "\n";
    return done ? ControlExit::Done : ControlExit::Refused;
}

}  // namespace

ControlExit runControlCommand(const std::vector<std::string>& given, std::ostream& out, std::ostream& err) {
    try {
        const auto arguments = parse(given);
        if (arguments.help) {
            out << usageText;
            return ControlExit::Done;
        }
        if (arguments.version) {
            out << "playhousectl " << version << "\n";
            return ControlExit::Done;
        }
        return run(arguments, out, err);
    } catch (const Usage& problem) {
        err << "playhousectl: " << problem.what() << "\n"
            << "playhousectl --help shows the commands.\n";
        return ControlExit::Usage;
    } catch (const ServerUnreachable& problem) {
        err << "playhousectl: " << problem.what() << "\n";
        return ControlExit::Unreachable;
    } catch (const std::exception& problem) {
        err << "playhousectl: the server's answer is not understood: " << problem.what() << "\n";
        return ControlExit::Refused;
    }
}

}  // namespace playhouse::host
