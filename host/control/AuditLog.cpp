#include "AuditLog.h"

#include "configuration/ConfigurationError.h"
#include "platform/ThrownText.h"

#include <playhouse/Utf8.h>

#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::steady_clock;

std::optional<PluginStatus> findPlugin(const std::vector<PluginStatus>& plugins, const std::string& id) {
    for (const auto& plugin : plugins)
        if (plugin.id == id) return plugin;
    return std::nullopt;
}

std::string pointText(const std::optional<PluginStatus>& plugin) {
    if (!plugin) return "unknown";
    std::string text(toString(plugin->state));
    if (!plugin->version.empty())
        text += " " + plugin->version + " (generation " + std::to_string(plugin->generation) + ")";
    return text;
}

boost::json::value pointJson(const std::optional<PluginStatus>& plugin) {
    if (!plugin) return nullptr;
    return boost::json::object{
        {"state", toString(plugin->state)}, {"version", plugin->version}, {"generation", plugin->generation}};
}

double milliseconds(std::chrono::microseconds time) {
    return static_cast<double>(time.count()) / 1000;
}

std::string textOf(const AuditEntry& entry) {
    auto text = entry.who + ": " + entry.action;
    if (!entry.plugin.empty()) text += " " + entry.plugin;
    if (!entry.detail.empty()) text += " " + entry.detail;
    text += ": ";
    if (!entry.plugin.empty()) text += pointText(entry.from) + " -> " + pointText(entry.to) + ", ";
    text += entry.refusal.empty() ? "done" : "refused: " + entry.refusal;
    if (!entry.took || !entry.refusal.empty()) return text;
    char took[32];
    std::snprintf(took, sizeof(took), " in %.1f ms", milliseconds(*entry.took));
    return text + took;
}

boost::json::object fieldsOf(const AuditEntry& entry) {
    boost::json::object fields{{"who", entry.who}, {"action", entry.action}};
    if (!entry.plugin.empty()) {
        fields["plugin"] = entry.plugin;
        fields["from"] = pointJson(entry.from);
        fields["to"] = pointJson(entry.to);
    }
    if (!entry.detail.empty()) fields["detail"] = entry.detail;
    fields["outcome"] = entry.refusal.empty() ? "done" : "refused";
    if (!entry.refusal.empty()) fields["reason"] = entry.refusal;
    if (entry.took) fields["milliseconds"] = milliseconds(*entry.took);
    for (const auto& [name, value] : entry.more) fields[name] = value;
    return fields;
}

/// Runs `action`, and notes in `entry` how it went and how long it took.
template <class Action>
auto timed(AuditEntry& entry, const Action& action) {
    struct Stopwatch {
        AuditEntry& entry;
        steady_clock::time_point began = steady_clock::now();
        ~Stopwatch() {
            entry.took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began);
        }
    };
    const Stopwatch stopwatch{entry};
    try {
        return action();
    } catch (const std::exception& problem) {
        entry.refusal = thrownText(problem);
        throw;
    }
}

/// Writes the line of an action on a plugin when it leaves the scope, however that comes.
class LineAtTheEnd {
public:
    LineAtTheEnd(const Administration& server, AuditEntry& entry) : server_(server), entry_(entry) {
        entry_.from = findPlugin(server_.plugins(), entry_.plugin);
    }
    ~LineAtTheEnd() {
        try {
            entry_.to = findPlugin(server_.plugins(), entry_.plugin);
            writeAudit(entry_);
        } catch (const std::exception&) {
            // Out of memory, say: the action is done all the same.
        }
    }
    LineAtTheEnd(const LineAtTheEnd&) = delete;
    LineAtTheEnd& operator=(const LineAtTheEnd&) = delete;

private:
    const Administration& server_;
    AuditEntry& entry_;
};

std::string changeOf(const PluginStatus& before, const PluginStatus& after) {
    const auto serves = [](const PluginStatus& plugin) { return !plugin.version.empty(); };
    if (serves(before) && serves(after)) return "swap";
    return serves(after) ? "enable" : after.state == PluginState::Failed ? "start" : "disable";
}

/// A line for each plugin that is not as it was.
void writeChanges(const std::string& who, const std::vector<PluginStatus>& before,
                  const std::vector<PluginStatus>& after) {
    const auto write = [&](const std::string& id) {
        const auto was = findPlugin(before, id);
        const auto is = findPlugin(after, id);
        const auto from = was.value_or(PluginStatus{});
        const auto to = is.value_or(PluginStatus{});
        if (from.state == to.state && from.generation == to.generation && from.error == to.error) return;
        writeAudit({.who = who,
                    .action = changeOf(from, to),
                    .plugin = id,
                    .detail = "by configuration",
                    .from = was,
                    .to = is,
                    .refusal = to.error});
    };
    for (const auto& plugin : before) write(plugin.id);
    for (const auto& plugin : after)
        if (!findPlugin(before, plugin.id)) write(plugin.id);
}

}  // namespace

void writeAudit(const AuditEntry& entry) {
    auto& logger = Poco::Logger::get("audit");
    Poco::Message message(logger.name(), textOf(entry),
                          entry.refusal.empty() ? Poco::Message::PRIO_INFORMATION : Poco::Message::PRIO_WARNING);
    // What an exception or a file name holds may be any bytes, and would cost the line all its fields.
    message.set("fields", asUtf8(boost::json::serialize(fieldsOf(entry))));
    logger.log(message);
}

SwapReport auditedSwap(const Administration& server, AuditEntry entry, const std::function<SwapReport()>& action) {
    const LineAtTheEnd line(server, entry);
    return timed(entry, action);
}

void auditedChange(const Administration& server, AuditEntry entry, const std::function<void()>& action) {
    const LineAtTheEnd line(server, entry);
    timed(entry, action);
}

ReloadReport auditedReload(Administration& server, const std::string& who, const std::string& toldRefusal) {
    AuditEntry entry{.who = who, .action = "reload"};
    const auto before = server.plugins();
    const auto write = [&] {
        if (entry.refusal.empty() || entry.refusal != toldRefusal) writeAudit(entry);
        writeChanges(who, before, server.plugins());
    };
    try {
        const auto report = timed(entry, [&] { return server.reload(); });
        entry.more["changed"] = boost::json::array(report.changed.begin(), report.changed.end());
        entry.more["needsRestart"] = boost::json::array(report.needsRestart.begin(), report.needsRestart.end());
        if (!report.changed.empty()) entry.detail = "of " + std::to_string(report.changed.size()) + " keys";
        write();
        return report;
    } catch (const std::exception&) {
        write();
        throw;
    }
}

}  // namespace playhouse::host
