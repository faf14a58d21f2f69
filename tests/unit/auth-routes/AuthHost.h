#pragma once

#include <playhouse/Plugin.h>
#include <playhouse/PluginDescriptor.h>
#include <playhouse/testing/FakeContext.h>

#include <boost/json/object.hpp>

#include <map>
#include <memory>
#include <string>

/// The whole plugin on a fake host, and somebody who uses it. Hashing is cheap and on one thread.
class AuthHost {
public:
    explicit AuthHost(std::map<std::string, std::string> settings = {});
    ~AuthHost();
    AuthHost(const AuthHost&) = delete;
    AuthHost& operator=(const AuthHost&) = delete;

    /// The answer to a request from 192.0.2.1, with this access token; empty: none.
    playhouse::Response ask(playhouse::Method method, const std::string& target, const std::string& token = {},
                            const boost::json::object& body = {}, playhouse::Headers headers = {});

    struct Member {
        std::string id;
        std::string accessToken;
        std::string refreshToken;
    };

    /// Registers NAME@example.org, whose password is password().
    Member join(const std::string& name);
    Member login(const std::string& name, const std::string& password = AuthHost::password());

    /// Registers, and makes an administrator or moderator by the database.
    Member joinAs(const std::string& role, const std::string& name);

    static std::string password() { return "quartz lantern ferry 71"; }

    playhouse::testing::FakeContext context;

private:
    std::unique_ptr<playhouse::Plugin, void (*)(playhouse::Plugin*)> plugin_;
};

/// The body as text, or the code of the error: what a failed assertion should show.
std::string outcome(const playhouse::Response& response);
