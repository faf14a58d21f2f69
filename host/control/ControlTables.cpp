#include "ControlTables.h"

#include "LogLine.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace playhouse::host {
namespace {

std::string joined(const boost::json::object& object, std::string_view name) {
    std::string text;
    const auto* member = object.if_contains(name);
    if (member == nullptr || !member->is_array()) return text;
    for (const auto& item : member->get_array())
        text += (text.empty() ? "" : ", ") + std::string(item.is_string() ? item.get_string().c_str() : "?");
    return text;
}

std::string milliseconds(const boost::json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    const double value = member != nullptr && member->is_number() ? member->to_number<double>() : 0;
    char text[32];
    std::snprintf(text, sizeof(text), "%.1f ms", value);
    return text;
}

/// What is worth knowing beside the state: why it failed, how it feels, what is
/// still around.
std::string remark(const boost::json::object& plugin) {
    std::string text = textOf(plugin, "error");
    const auto add = [&](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
    if (const auto notice = textOf(plugin, "notice"); !notice.empty()) add(notice);
    if (const auto until = textOf(plugin, "probationUntil"); !until.empty()) add("on probation until " + until);
    if (const auto* health = plugin.if_contains("health"); health != nullptr && health->is_object()) {
        const auto& object = health->get_object();
        const auto detail = textOf(object, "detail");
        if (const auto status = textOf(object, "status"); status != "up" || !detail.empty())
            add(status + (detail.empty() ? "" : ": " + detail));
    }
    if (const auto draining = textOf(plugin, "draining"); draining != "0") add(draining + " old still draining");
    if (const auto resident = textOf(plugin, "resident"); resident != "0") add(resident + " old still in memory");
    return text;
}

}  // namespace

std::string textOf(const boost::json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    if (member == nullptr || member->is_null()) return {};
    return member->is_string() ? std::string(member->get_string()) : boost::json::serialize(*member);
}

std::string table(const std::vector<std::vector<std::string>>& given) {
    auto lines = given;
    for (auto& line : lines)
        for (auto& cell : line) cell = onOneLine(cell);
    std::vector<std::size_t> widths;
    for (const auto& line : lines) {
        widths.resize(std::max(widths.size(), line.size()));
        for (std::size_t column = 0; column < line.size(); ++column)
            widths[column] = std::max(widths[column], line[column].size());
    }
    std::string text;
    for (const auto& line : lines) {
        std::string row;
        for (std::size_t column = 0; column < line.size(); ++column)
            row += line[column] + std::string(widths[column] - line[column].size() + 2, ' ');
        text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

std::string pluginsTable(const boost::json::object& data) {
    std::vector<std::vector<std::string>> lines{
        {"PLUGIN", "VERSION", "BEFORE", "STATE", "GENERATION", "SWAPS", "REMARK"}};
    for (const auto& item : data.at("plugins").as_array()) {
        const auto& plugin = item.as_object();
        const auto version = textOf(plugin, "version");
        const auto before = textOf(plugin, "previousVersion");
        lines.push_back({textOf(plugin, "id"), version.empty() ? "-" : version, before.empty() ? "-" : before,
                         textOf(plugin, "state"), textOf(plugin, "generation"), textOf(plugin, "swaps"),
                         remark(plugin)});
    }
    return lines.size() == 1 ? "No plugins are known to the server.\n" : table(lines);
}

std::string statusTable(const boost::json::object& data) {
    std::vector<std::vector<std::string>> lines;
    for (const auto& [name, value] : data) {
        const bool isList = value.is_array();
        const auto text = isList ? joined(data, name) : textOf(data, name);
        lines.push_back({std::string(name), text.empty() ? "-" : text});
    }
    return table(lines);
}

std::string swapSentence(const boost::json::object& data) {
    const auto from = textOf(data, "fromVersion");
    auto text = textOf(data, "id") + ": " +
                (from.empty() ? "nothing" : from + " (generation " + textOf(data, "fromGeneration") + ")") + " -> " +
                textOf(data, "toVersion") + " (generation " + textOf(data, "toGeneration") + ") in " +
                milliseconds(data, "totalMilliseconds");
    if (textOf(data, "heldMilliseconds") != "0E0" && data.contains("heldMilliseconds"))
        text += ", requests held for " + milliseconds(data, "heldMilliseconds");
    if (!from.empty())
        text += textOf(data, "unloaded") == "true" ? "; the old version is unloaded" : "; the old version still drains";
    if (const auto lost = textOf(data, "stateLost"); !lost.empty()) text += "; its state was not taken over: " + lost;
    return text + "\n";
}

std::string reloadSentence(const boost::json::object& data) {
    const auto changed = joined(data, "changed");
    auto text = changed.empty() ? std::string("Nothing has changed.\n") : "In use now: " + changed + "\n";
    if (const auto restart = joined(data, "needsRestart"); !restart.empty())
        text += "Taken up at the next start: " + restart + "\n";
    return text;
}

}  // namespace playhouse::host
