#include "AuthHost.h"

#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <thread>
#include <utility>

using namespace playhouse;
using namespace playhouse::testing;

extern "C" const PluginDescriptor playhousePluginDescriptor;

namespace {

std::map<std::string, std::string> cheap(std::map<std::string, std::string> settings) {
    settings.emplace("argon2-memory", "64 KiB");
    settings.emplace("argon2-passes", "1");
    settings.emplace("hashing-threads", "1");
    return settings;
}

AuthHost::Member memberOf(const Response& response) {
    const auto data = jsonData(response).as_object();
    return {std::string(data.at("user").as_object().at("id").as_string()),
            std::string(data.at("accessToken").as_string()), std::string(data.at("refreshToken").as_string())};
}

}  // namespace

AuthHost::AuthHost(std::map<std::string, std::string> settings)
    : context("auth", cheap(std::move(settings))),
      plugin_(playhousePluginDescriptor.create(), playhousePluginDescriptor.destroy) {
    context.start(*plugin_);
}

AuthHost::~AuthHost() {
    plugin_->stop();
}

Response AuthHost::ask(Method method, const std::string& target, const std::string& token,
                       const boost::json::object& body, Headers headers) {
    RequestParts parts;
    parts.method = method;
    parts.target = target;
    parts.clientAddress = "192.0.2.1";
    parts.headers = std::move(headers);
    if (!body.empty() || method == Method::Post || method == Method::Patch) {
        parts.headers.set("Content-Type", "application/json");
        parts.body = boost::json::serialize(body);
    }
    if (!token.empty()) {
        try {
            parts.identity = context.identity().verify(token);
        } catch (const ApiError& error) {
            return errorResponse(error);
        }
    }
    const auto exchange = context.router().send(std::move(parts));
    // Routes that hash answer from the plugin's own thread, and an exchange has nothing to wait on.
    while (!exchange->isAnswered()) std::this_thread::yield();
    return exchange->takeResponse();
}

AuthHost::Member AuthHost::join(const std::string& name) {
    return memberOf(ask(Method::Post, "/auth/register", {},
                        {{"email", name + "@example.org"}, {"username", name}, {"password", password()}}));
}

AuthHost::Member AuthHost::login(const std::string& name, const std::string& password) {
    return memberOf(ask(Method::Post, "/auth/login", {}, {{"email", name + "@example.org"}, {"password", password}}));
}

AuthHost::Member AuthHost::joinAs(const std::string& role, const std::string& name) {
    const auto member = join(name);
    context.database().transaction([&](SqlSession& session) {
        session.run("UPDATE auth_accounts SET role = $1 WHERE user_id = $2", {role, member.id});
    });
    return login(name);
}

std::string outcome(const Response& response) {
    const auto status = std::to_string(response.status());
    return response.status() < 300 ? status : status + " " + errorCode(response);
}
