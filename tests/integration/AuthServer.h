#pragma once

#include "ServerProcess.h"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

/// The plugin auth of this build in a server, and the people who use it.
namespace auth_server {

/// Its configuration: hashing is cheap, nobody is limited, and there are demo accounts.
std::string configuration();

/// An id that nobody and nothing has.
inline constexpr const char* nobody = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6";

struct Member {
    std::string id;
    std::string accessToken;
    std::string refreshToken;
};

/// Of an answer of 200 or 201 to a registration, a login or a refresh; fails the test for another.
Member memberOf(const HttpAnswer& answer);

/// Registers NAME@example.org, whose password is password().
Member join(const ServerProcess& server, const std::string& name);
Member login(const ServerProcess& server, const std::string& email, const std::string& password);
inline std::string password() {
    return "quartz lantern ferry 71";
}

/// Logs in to the demo account of a role.
Member demo(const ServerProcess& server, const std::string& role);

/// `body` is sent when it is not empty, or the method takes one; `token`, when it is not empty.
HttpAnswer ask(const ServerProcess& server, const std::string& method, const std::string& path,
               const std::string& token = {}, const boost::json::object& body = {});

/// The claims of a token, and one signed by HS256 with `secret`, whose header says `algorithm`.
boost::json::object claimsOf(const std::string& token);
std::string forged(std::string_view algorithm, const boost::json::object& claims, std::string_view secret);

}  // namespace auth_server
