#include "ControlCommands.h"
#include "ControlTables.h"
#include "LogLine.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <Poco/URI.h>

#include <algorithm>
#include <ostream>

namespace playhouse::host {
namespace {

constexpr int linesAtOnce = 1000;
constexpr int longPollSeconds = 20;

/// A record of GET /logs, as the server's own log shows it.
std::string lineOf(const boost::json::object& record) {
    const auto level = textOf(record, "level");
    const auto request = textOf(record, "requestId");
    return onOneLine(textOf(record, "time") + " " + level + std::string(level.size() < 7 ? 8 - level.size() : 1, ' ') +
                     textOf(record, "source") + " " + (request.empty() ? "" : "[" + request + "] ") +
                     textOf(record, "message")) +
           "\n";
}

std::string linesOf(const boost::json::object& page) {
    std::string text;
    for (const auto& record : page.at("records").as_array()) text += lineOf(record.as_object());
    return text;
}

Poco::URI addressOf(const ControlCall& call) {
    Poco::URI address("/logs");
    const auto add = [&](const char* parameter, std::string_view option) {
        if (const auto value = call.option(option)) address.addQueryParameter(parameter, *value);
    };
    add("plugin", "--plugin");
    add("requestId", "--request");
    if (const auto level = call.option("--level")) {
        for (const auto* known : {"error", "warning", "info", "debug"})
            if (*level == known) address.addQueryParameter("level", *level);
        if (address.getRawQuery().find("level=") == std::string::npos)
            throw ControlUsage("--level " + *level + " is not allowed; it takes error, warning, info or debug");
    }
    return address;
}

std::string with(Poco::URI address, const std::vector<std::pair<std::string, std::string>>& parameters) {
    for (const auto& [name, value] : parameters) address.addQueryParameter(name, value);
    return address.getPathAndQuery();
}

/// Shows the page of `answer` while following; gives the `after` to go on with.
std::string showPage(const ControlSession& session, const ControlAnswer& answer) {
    if (!answer.isSuccess()) throw ControlRefusal(answer);
    const auto& page = answer.json.as_object().at("data").as_object();
    if (const auto missed = textOf(page, "missed"); missed != "0")
        session.place().err << "playhousectl: " << missed << " lines came faster than they could be shown\n";
    auto& out = session.place().out;
    if (session.wantsJson())
        for (const auto& record : page.at("records").as_array()) out << boost::json::serialize(record) << "\n";
    else
        out << linesOf(page);
    out << std::flush;
    return textOf(page, "next");
}

/// An empty page at once means that the server lets nobody else wait.
std::chrono::milliseconds pauseAfter(std::chrono::steady_clock::time_point asked) {
    const auto took = std::chrono::steady_clock::now() - asked;
    return took > std::chrono::seconds(1) ? std::chrono::milliseconds(0) : std::chrono::milliseconds(250);
}

void follow(const ControlSession& session, const Poco::URI& address, const std::string& first) {
    const auto client = session.client();
    auto next = showPage(session, client.get(first));
    bool isLost = false;
    std::chrono::milliseconds pause{0};
    while (session.place().out && session.place().pause(pause)) {
        const auto asked = std::chrono::steady_clock::now();
        try {
            // The server takes 0 for "the newest", and nothing has been written
            // before its first line.
            const auto after = next == "0" ? std::string() : next;
            std::vector<std::pair<std::string, std::string>> parameters{{"limit", std::to_string(linesAtOnce)},
                                                                        {"wait", std::to_string(longPollSeconds)}};
            if (!after.empty()) parameters.emplace_back("after", after);
            next = showPage(session, client.get(with(address, parameters)));
            isLost = false;
        } catch (const ServerUnreachable& problem) {
            // A server that is being restarted comes back, and begins to count anew.
            if (!std::exchange(isLost, true)) session.place().err << "playhousectl: " << problem.what() << "\n";
        }
        pause = isLost ? std::chrono::milliseconds(1000) : pauseAfter(asked);
    }
}

}  // namespace

void runLogs(const ControlSession& session) {
    const auto address = addressOf(session.call());
    const auto lines = static_cast<int>(numberOf(session.call(), "--lines", 0, 10'000, 100));
    const auto first = with(address, {{"limit", std::to_string(lines)}});
    if (session.call().has("--follow"))
        follow(session, address, first);
    else
        session.tell(session.client().get(first), linesOf);
}

}  // namespace playhouse::host
