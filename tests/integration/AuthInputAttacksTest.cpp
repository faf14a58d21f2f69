#include "AuthServer.h"

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

using auth_server::ask;
using auth_server::join;
using std::string;

namespace {

/// Sends `text` as it is, and gives what comes until the server closes.
string sendRaw(const ServerProcess& server, const string& text) {
    Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server.port()));
    socket.setReceiveTimeout(Poco::Timespan(30, 0));
    socket.sendBytes(text.data(), static_cast<int>(text.size()));
    socket.shutdownSend();
    string answer;
    for (char buffer[4096];;) {
        const int got = socket.receiveBytes(buffer, sizeof buffer);
        if (got <= 0) return answer;
        answer.append(buffer, static_cast<std::size_t>(got));
    }
}

HttpAnswer postText(const ServerProcess& server, const string& path, const string& body, const string& token = {}) {
    std::map<string, string> headers{{"Content-Type", "application/json"}};
    if (!token.empty()) headers["Authorization"] = "Bearer " + token;
    return server.ask("POST", path, body, headers);
}
}  // namespace

/// Fields and bodies that are no honest ones, through the program, on whatever backends this run is for.
class AuthInputAttacksTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AuthInputAttacksTest);
    CPPUNIT_TEST(sqlInEveryFieldIsTextOrRefused);
    CPPUNIT_TEST(bombsOfJsonAreRefused);
    CPPUNIT_TEST(whatIsNotUtf8IsRefused);
    CPPUNIT_TEST(nobodyGivesHimselfMoreThanHeIsGiven);
    CPPUNIT_TEST(linesCannotBeInjected);
    CPPUNIT_TEST_SUITE_END();

    ServerProcess server_{auth_server::configuration()};

    /// The server holds what it held: three demo accounts and `members`, and answers.
    void assertWhole(const string& adminToken, std::size_t members) {
        const auto users = ask(server_, "GET", "/auth/admin/users", adminToken);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(users.body, 200, users.status);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(3 + members),
                             users.json().at("data").at("total").to_number<std::int64_t>());
    }

    string roleOf(const string& token) {
        return string(ask(server_, "GET", "/auth/profile", token).json().at("data").at("role").as_string());
    }

public:
    void setUp() override { server_.start(); }

    void sqlInEveryFieldIsTextOrRefused() {
        const auto admin = auth_server::demo(server_, "admin").accessToken;
        auto ann = join(server_, "ann");
        const std::vector<string> texts{"'; DROP TABLE users; --",
                                        "' OR '1'='1",
                                        "\" OR \"\"=\"",
                                        "$1",
                                        "?",
                                        "x' UNION SELECT password_hash FROM auth_accounts --",
                                        "\\'; DELETE FROM users"};
        const auto refused = [](const HttpAnswer& answer) {
            CPPUNIT_ASSERT_MESSAGE(answer.body, answer.status >= 400 && answer.status < 500);
            CPPUNIT_ASSERT_MESSAGE(answer.body, answer.body.find("argon2") == string::npos);
        };
        for (const auto& text : texts) {
            const boost::json::object whole{
                {"email", "bob@example.org"}, {"username", "bob"}, {"password", auth_server::password()}};
            for (const auto* field : {"email", "username"}) {
                auto body = whole;
                body[field] = text;
                refused(ask(server_, "POST", "/auth/register", {}, body));
            }
            refused(ask(server_, "POST", "/auth/login", {}, {{"email", text}, {"password", text}}));
            refused(ask(server_, "POST", "/auth/login", {},
                        {{"email", "ann@example.org"}, {"password", auth_server::password()}, {"deviceId", text}}));
            refused(ask(server_, "POST", "/auth/refresh", {}, {{"refreshToken", text}}));
            refused(ask(server_, "PATCH", "/auth/profile", ann.accessToken, {{"username", text}}));
            refused(ask(server_, "PATCH", "/auth/profile", ann.accessToken,
                        {{"email", text}, {"currentPassword", auth_server::password()}}));
            refused(ask(server_, "POST", "/auth/password", ann.accessToken,
                        {{"currentPassword", text}, {"newPassword", auth_server::password() + "x"}}));
            refused(ask(server_, "POST", "/auth/devices", ann.accessToken, {{"name", "tv"}, {"kind", text}}));
            refused(ask(server_, "PATCH", "/auth/admin/users/" + ann.id, admin, {{"tier", text}}));
            refused(ask(server_, "PATCH", "/auth/admin/users/" + ann.id, admin, {{"role", text}}));
            string escaped;
            for (const auto byte : text) {
                char hex[4];
                std::snprintf(hex, sizeof hex, "%%%02x", static_cast<unsigned>(byte));
                escaped += hex;
            }
            for (const auto* path : {"/auth/sessions/", "/auth/devices/", "/auth/admin/users/"})
                refused(ask(server_, "DELETE", path + escaped, admin));
            for (const auto* filter : {"role", "tier", "suspended", "offset", "limit"})
                refused(ask(server_, "GET", string("/auth/admin/users?") + filter + "=" + escaped, admin));
            const auto found = ask(server_, "GET", "/auth/admin/users?search=" + escaped, admin);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(found.body, std::int64_t{0},
                                         found.json().at("data").at("total").to_number<std::int64_t>());
            const auto named = ask(server_, "POST", "/auth/devices", ann.accessToken, {{"name", text}});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(named.body, 201, named.status);
            const auto device = named.json().at("data").as_object();
            CPPUNIT_ASSERT_EQUAL(text, string(device.at("name").as_string()));
            CPPUNIT_ASSERT_EQUAL(
                204,
                ask(server_, "DELETE", "/auth/devices/" + string(device.at("id").as_string()), ann.accessToken).status);
            const auto suspended =
                ask(server_, "POST", "/auth/admin/users/" + ann.id + "/suspend", admin, {{"reason", text}});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(suspended.body, text,
                                         string(suspended.json().at("data").at("suspensionReason").as_string()));
            CPPUNIT_ASSERT_EQUAL(200, ask(server_, "POST", "/auth/admin/users/" + ann.id + "/resume", admin).status);
            assertWhole(admin, 1);
            // The suspension has ended the session.
            ann = auth_server::login(server_, "ann@example.org", auth_server::password());
        }
    }

    void bombsOfJsonAreRefused() {
        const auto ann = join(server_, "ann");
        string manyKeys = "{";
        for (int number = 0; number < 1000; ++number) manyKeys += "\"k" + std::to_string(number) + "\":1,";
        manyKeys += "\"email\":\"x\"}";
        const std::map<string, string> bombs{
            {"deep array", string(8000, '[')},
            {"deep object",
             [] {
                 string text;
                 for (int depth = 0; depth < 2000; ++depth) text += "{\"a\":";
                 return text;
             }()},
            {"whole and deep", string(2000, '[') + string(2000, ']')},
            {"twice", R"({"email":"ann@example.org","password":"x","password":"quartz lantern ferry 71"})"},
            {"twice, escaped",
             R"({"email":"ann@example.org","password":"x","passwor\u0064":"quartz lantern ferry 71"})"},
            {"a number beyond all", "{\"email\":" + string(5000, '9') + "}"},
            {"many fields", manyKeys},
            {"no object", "[]"},
            {"cut", R"({"email":"ann@example.org","password":")"},
            {"nothing", ""},
            {"comment", R"({/* */"email":"ann@example.org","password":"quartz lantern ferry 71"})"}};
        for (const auto* path : {"/auth/login", "/auth/register", "/auth/refresh"})
            for (const auto& [what, body] : bombs) {
                const auto answer = postText(server_, path, body);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(what + " " + answer.body, 400, answer.status);
                CPPUNIT_ASSERT_MESSAGE(what, answer.body.size() < 8192);
            }
        const auto large = postText(server_, "/auth/login", "{\"email\":\"" + string(17 * 1024, 'x') + "\"}");
        CPPUNIT_ASSERT_EQUAL(413, large.status);
        CPPUNIT_ASSERT_EQUAL(415, server_.ask("POST", "/auth/login", "{}", {{"Content-Type", "text/plain"}}).status);
        const auto lying = sendRaw(server_,
                                   "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                   "Content-Length: 99999999999999999999\r\n\r\n{}");
        CPPUNIT_ASSERT_MESSAGE(lying, lying.starts_with("HTTP/1.1 4"));
        const auto two = sendRaw(server_,
                                 "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                 "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}");
        CPPUNIT_ASSERT_MESSAGE(two, two.starts_with("HTTP/1.1 400"));
        CPPUNIT_ASSERT_EQUAL(200, ask(server_, "GET", "/auth/profile", ann.accessToken).status);
    }

    void whatIsNotUtf8IsRefused() {
        const auto admin = auth_server::demo(server_, "admin").accessToken;
        for (const string bytes : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80"}) {
            const auto login = postText(server_, "/auth/login", R"({"email":"a)" + bytes + R"(","password":"x"})");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(login.body, 400, login.status);
            const auto device = postText(server_, "/auth/devices", R"({"name":"tv)" + bytes + "\"}", admin);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(device.body, 400, device.status);
        }
        for (const auto* search : {"%ff", "%c0%af", "a%00b"})
            CPPUNIT_ASSERT_EQUAL(string("400 INVALID_PARAMETER"),
                                 ask(server_, "GET", string("/auth/admin/users?search=") + search, admin).outcome());
        for (const auto* id : {"%ff", "%00", "..%2f..%2fhealthz"}) {
            const auto answer = ask(server_, "GET", string("/auth/admin/users/") + id, admin);
            CPPUNIT_ASSERT_MESSAGE(answer.body, answer.status == 400 || answer.status == 404);
        }
        assertWhole(admin, 0);
    }

    void nobodyGivesHimselfMoreThanHeIsGiven() {
        const boost::json::object gifts{{"role", "admin"},
                                        {"roles", boost::json::array{"admin"}},
                                        {"tier", "premium"},
                                        {"subscriptionTier", "premium"},
                                        {"id", auth_server::nobody},
                                        {"passwordHash", "x"},
                                        {"suspendedAt", nullptr},
                                        {"createdAt", "2000-01-01"},
                                        {"__proto__", {{"role", "admin"}}},
                                        {"isAdmin", true}};
        const boost::json::object whole{
            {"email", "bob@example.org"}, {"username", "bob"}, {"password", auth_server::password()}};
        for (const auto& gift : gifts) {
            auto body = whole;
            body[gift.key()] = gift.value();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(string(gift.key()), string("400 INVALID_FIELDS"),
                                         ask(server_, "POST", "/auth/register", {}, body).outcome());
        }
        const auto bob = join(server_, "bob");
        for (const auto& gift : gifts) {
            boost::json::object body{{"username", "robert"}};
            body[gift.key()] = gift.value();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(string(gift.key()), string("400 INVALID_FIELDS"),
                                         ask(server_, "PATCH", "/auth/profile", bob.accessToken, body).outcome());
        }
        const auto profile = ask(server_, "GET", "/auth/profile", bob.accessToken).json().at("data").as_object();
        CPPUNIT_ASSERT_EQUAL(string("viewer"), string(profile.at("role").as_string()));
        CPPUNIT_ASSERT_EQUAL(string("free"), string(profile.at("subscriptionTier").as_string()));
        CPPUNIT_ASSERT_EQUAL(string("bob"), string(profile.at("username").as_string()));
        for (const auto& [method, path] :
             std::vector<std::pair<string, string>>{{"GET", "/auth/admin/users"},
                                                    {"GET", "/auth/admin/users/" + bob.id},
                                                    {"PATCH", "/auth/admin/users/" + bob.id},
                                                    {"POST", "/auth/admin/users/" + bob.id + "/suspend"},
                                                    {"POST", "/auth/admin/users/" + bob.id + "/resume"},
                                                    {"DELETE", "/auth/admin/users/" + bob.id}}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, string("403 FORBIDDEN"),
                                         ask(server_, method, path, bob.accessToken, {{"role", "admin"}}).outcome());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, string("401 TOKEN_MISSING"),
                                         ask(server_, method, path, {}, {{"role", "admin"}}).outcome());
        }
        const auto moderator = auth_server::demo(server_, "moderator").accessToken;
        CPPUNIT_ASSERT_EQUAL(
            string("403 FORBIDDEN"),
            ask(server_, "PATCH", "/auth/admin/users/" + bob.id, moderator, {{"role", "admin"}}).outcome());
        CPPUNIT_ASSERT_EQUAL(string("viewer"), roleOf(bob.accessToken));
    }

    void linesCannotBeInjected() {
        const auto ann = join(server_, "ann");
        const std::vector<string> texts{"x\r\nSet-Cookie: a=b", "x\nx", "x\ry", "x\x7f", string("x\0y", 3)};
        for (const auto& text : texts) {
            CPPUNIT_ASSERT_EQUAL(string("400 INVALID_FIELDS"),
                                 ask(server_, "POST", "/auth/devices", ann.accessToken, {{"name", text}}).outcome());
            CPPUNIT_ASSERT_EQUAL(
                string("400 INVALID_FIELDS"),
                ask(server_, "PATCH", "/auth/profile", ann.accessToken, {{"username", text}}).outcome());
        }
        const auto echoed =
            sendRaw(server_,
                    "GET /auth/profile HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: a\rb\r\n"
                    "Authorization: Bearer " +
                        ann.accessToken + "\r\n\r\n");
        CPPUNIT_ASSERT_MESSAGE(echoed, echoed.starts_with("HTTP/1.1 400"));
        const auto odd = sendRaw(server_,
                                 "GET /auth/profile HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                 "User-Agent: <script>\t\xff\r\nAuthorization: Bearer \"x\"\r\n\r\n");
        CPPUNIT_ASSERT_MESSAGE(odd, odd.starts_with("HTTP/1.1 401"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AuthInputAttacksTest);
