#include "ControlCommands.h"
#include "ControlTables.h"

#include <boost/json/serialize.hpp>

namespace playhouse::host {
namespace {

std::string pluginSentence(const boost::json::object& plugin) {
    const auto version = textOf(plugin, "version");
    return textOf(plugin, "id") + (version.empty() ? "" : " " + version) + " is " + textOf(plugin, "state") + "\n";
}

std::string swapBody(const ControlCall& call) {
    const auto library = call.operand(1);
    if (!library) return {};
    if (library->empty())
        throw ControlUsage(
            "swap needs the path of a library, or none for the "
            "configured one; this one is empty");
    // The server's working directory is another than ours.
    return boost::json::serialize(boost::json::object{{"library", std::filesystem::absolute(*library).string()}});
}

std::string pluginPath(const ControlSession& session, const std::string& action) {
    const auto id = session.call().operands.at(0);
    if (id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos || id.empty())
        throw ControlUsage("\"" + id + "\" is not a plugin's id, which is made of a-z, 0-9 and \"-\"");
    return "/plugins/" + id + "/" + action;
}

void show(const ControlSession& session, const std::string& path, std::string (*text)(const boost::json::object&)) {
    if (session.call().has("--watch"))
        watch(session, path, text);
    else
        session.tell(session.client().get(path), text);
}

}  // namespace

void runPlugins(const ControlSession& session) {
    show(session, "/plugins", pluginsTable);
}

void runStatus(const ControlSession& session) {
    show(session, "/status", statusTable);
}

void runEnable(const ControlSession& session) {
    session.tell(session.client().post(pluginPath(session, "enable")), pluginSentence);
}

void runDisable(const ControlSession& session) {
    session.tell(session.client().post(pluginPath(session, "disable")), pluginSentence);
}

void runSwap(const ControlSession& session) {
    session.tell(session.client().post(pluginPath(session, "swap"), swapBody(session.call())), swapSentence);
}

void runRollback(const ControlSession& session) {
    session.tell(session.client().post(pluginPath(session, "rollback")), swapSentence);
}

void runReload(const ControlSession& session) {
    session.tell(session.client().post("/reload"), reloadSentence);
}

}  // namespace playhouse::host
