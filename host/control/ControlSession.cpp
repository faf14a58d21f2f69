#include "ControlCommands.h"

#include <playhouse/Response.h>
#include <playhouse/Utf8.h>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <boost/json/serialize.hpp>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <ostream>

namespace playhouse::host {
namespace {

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

std::string tokenOf(const ControlCall& call) {
    const auto file = call.option("--token-file");
    if (!file) return environment("PLAYHOUSE_TOKEN");
    std::ifstream stream(*file);
    std::string token;
    std::getline(stream, token);
    while (!token.empty() && (token.back() == '\r' || token.back() == ' ')) token.pop_back();
    if (token.empty()) throw ControlUsage("--token-file " + *file + " cannot be read, or its first line is empty");
    return token;
}

ServerAddress tcpAddress(const std::string& url, std::string token) {
    constexpr const char* example = "; it looks like http://127.0.0.1:9000";
    try {
        const Poco::URI parsed(url);
        if (parsed.getScheme() == "https")
            throw ControlUsage("control.port speaks no TLS; reach " + parsed.getHost() +
                               " through a tunnel, such as ssh -L, and name its end "
                               "as http://127.0.0.1:PORT");
        if (parsed.getScheme() != "http" || parsed.getHost().empty() || url.rfind(':') <= 5)
            throw ControlUsage("\"" + url + "\" is not the address of a server" + example);
        return {.socket = {}, .host = parsed.getHost(), .port = parsed.getPort(), .token = std::move(token)};
    } catch (const Poco::Exception&) {
        throw ControlUsage("\"" + url + "\" is not the address of a server" + example);
    }
}

ServerAddress addressOf(const ControlCall& call) {
    const auto socket = call.option("--socket");
    const auto server = call.option("--server");
    if (socket && server) throw ControlUsage("--socket and --server name two servers; give one of them");
    if (socket && socket->empty()) throw ControlUsage("--socket is empty; it needs a path");
    if (socket) return {.socket = *socket};
    if (server) return tcpAddress(*server, tokenOf(call));
    if (const auto named = environment("PLAYHOUSE_SERVER"); !named.empty()) return tcpAddress(named, tokenOf(call));
    return {.socket = defaultSocket()};
}

std::string envelopeOf(bool success, const char* name, boost::json::object content) {
    return asUtf8(boost::json::serialize(boost::json::object{
        {"success", success}, {name, std::move(content)}, {"timestamp", isoTime(std::chrono::system_clock::now())}}));
}

std::string messageOf(const ControlAnswer& answer) {
    try {
        return std::string(answer.json.as_object().at("error").as_object().at("message").as_string());
    } catch (const std::exception&) {
        return "the server answered " + std::to_string(answer.status) + ": " + answer.text;
    }
}

}  // namespace

ControlRefusal::ControlRefusal(const std::string& code, const std::string& message, const boost::json::object& details)
    : std::runtime_error(message),
      envelope_(envelopeOf(false, "error", {{"code", code}, {"message", message}, {"details", details}})) {}

ControlRefusal::ControlRefusal(const ControlAnswer& answer)
    : std::runtime_error(messageOf(answer)), envelope_(answer.text) {
    if (!answer.json.is_object())
        envelope_ = envelopeOf(false, "error", {{"code", "NOT_PLAYHOUSE"}, {"message", messageOf(answer)}});
}

ControlClient ControlSession::client() const {
    constexpr double longestPatience = 24 * 60 * 60;
    const auto usual = std::chrono::duration<double>(ControlClient::usualPatience).count();
    const std::chrono::duration<double> patience(numberOf(call_, "--timeout", 0.001, longestPatience, usual));
    return ControlClient(addressOf(call_), std::chrono::ceil<std::chrono::milliseconds>(patience));
}

ControlClient ControlSession::hastyClient() const {
    return ControlClient(addressOf(call_), std::chrono::milliseconds(700));
}

void ControlSession::tell(const boost::json::object& data, const std::string& text) const {
    if (wantsJson())
        place_.out << envelopeOf(true, "data", data) << "\n";
    else
        place_.out << text;
}

void ControlSession::tell(const ControlAnswer& answer,
                          const std::function<std::string(const boost::json::object& data)>& text) const {
    if (!answer.isSuccess()) throw ControlRefusal(answer);
    if (wantsJson())
        place_.out << answer.text << "\n";
    else
        place_.out << text(answer.json.as_object().at("data").as_object());
}

double numberOf(const ControlCall& call, std::string_view option, double least, double most, double fallback) {
    const auto text = call.option(option);
    if (!text || text->empty()) return fallback;
    double value = 0;
    const auto* end = text->data() + text->size();
    const auto [parsed, error] = std::from_chars(text->data(), end, value);
    if (error == std::errc() && parsed == end && value >= least && value <= most) return value;
    const auto shown = [](double bound) {
        auto number = std::to_string(bound);
        number.erase(number.find_last_not_of('0') + 1);
        if (number.back() == '.') number.pop_back();
        return number;
    };
    throw ControlUsage(std::string(option) + " " + *text + " is not allowed; it takes a number from " + shown(least) +
                       " to " + shown(most));
}

}  // namespace playhouse::host
