#include "AuthServer.h"

#include <Poco/Base64Decoder.h>
#include <Poco/Base64Encoder.h>
#include <Poco/StreamCopier.h>

#include <cppunit/TestAssert.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace auth_server {
namespace {

constexpr int urlSafe = Poco::BASE64_URL_ENCODING | Poco::BASE64_NO_PADDING;

std::string base64Url(const std::string& bytes) {
    std::ostringstream text;
    Poco::Base64Encoder encoder(text, urlSafe);
    encoder.rdbuf()->setLineLength(0);
    encoder << bytes;
    encoder.close();
    return text.str();
}

}  // namespace

std::string configuration() {
    std::string text = "plugin.auth.enabled = true\nplugin.auth.library = " PLAYHOUSE_BIN_DIRECTORY
                       "/../lib/plugins/auth.so\nplugin.auth.argon2-memory = 64 KiB\nplugin.auth.argon2-passes = 1\n"
                       "plugin.auth.demo-accounts = true\n";
    for (const auto* limit : {"registrations", "logins", "refreshes", "password-changes", "requests"})
        text += std::string("plugin.auth.") + limit + "-per-minute = 1000000\n";
    return text;
}

Member memberOf(const HttpAnswer& answer) {
    CPPUNIT_ASSERT_MESSAGE(answer.body, answer.status == 200 || answer.status == 201);
    const auto json = answer.json();
    const auto& data = json.at("data").as_object();
    return {std::string(data.at("user").at("id").as_string()), std::string(data.at("accessToken").as_string()),
            std::string(data.at("refreshToken").as_string())};
}

Member join(const ServerProcess& server, const std::string& name) {
    return memberOf(ask(server, "POST", "/auth/register", {},
                        {{"email", name + "@example.org"}, {"username", name}, {"password", password()}}));
}

Member login(const ServerProcess& server, const std::string& email, const std::string& secret) {
    return memberOf(ask(server, "POST", "/auth/login", {}, {{"email", email}, {"password", secret}}));
}

Member demo(const ServerProcess& server, const std::string& role) {
    std::ifstream file(server.storage() / "demo-credentials.json");
    const auto credentials =
        boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {})).at(role).as_object();
    return memberOf(ask(server, "POST", "/auth/login", {}, credentials));
}

HttpAnswer ask(const ServerProcess& server, const std::string& method, const std::string& path,
               const std::string& token, const boost::json::object& body) {
    std::map<std::string, std::string> headers;
    if (!token.empty()) headers["Authorization"] = "Bearer " + token;
    const bool hasBody = !body.empty() || method == "POST" || method == "PATCH";
    if (hasBody) headers["Content-Type"] = "application/json";
    return server.ask(method, path, hasBody ? boost::json::serialize(body) : std::string(), headers);
}

boost::json::object claimsOf(const std::string& token) {
    const auto first = token.find('.') + 1;
    std::istringstream text(token.substr(first, token.find('.', first) - first));
    Poco::Base64Decoder decoder(text, urlSafe);
    std::string claims;
    Poco::StreamCopier::copyToString(decoder, claims);
    return boost::json::parse(claims).as_object();
}

std::string forged(std::string_view algorithm, const boost::json::object& claims, std::string_view secret) {
    const boost::json::object header{{"alg", boost::json::string_view(algorithm.data(), algorithm.size())},
                                     {"typ", "JWT"}};
    const auto text = base64Url(boost::json::serialize(header)) + "." + base64Url(boost::json::serialize(claims));
    std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
    return text + "." + base64Url(std::string(reinterpret_cast<const char*>(code.data()), size));
}

}  // namespace auth_server
