#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

using namespace playhouse;
using namespace playhouse::host;

/// What becomes of a request: who answers it, where, and what is answered when nobody does.
class RequestHandlersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RequestHandlersTest);
    CPPUNIT_TEST(unknownPathGets404);
    CPPUNIT_TEST(otherMethodGets405WithAllow);
    CPPUNIT_TEST(optionsNamesTheMethods);
    CPPUNIT_TEST(preflightOfAnAllowedOrigin);
    CPPUNIT_TEST(otherOriginsAreNotAllowed);
    CPPUNIT_TEST(workerHandlersAnswer);
    CPPUNIT_TEST(answersAtHandNeedNoWorker);
    CPPUNIT_TEST(answersAtHandGoBeforeDeferredHandlers);
    CPPUNIT_TEST(whatAnAnswerAtHandThrowsIsAnswered);
    CPPUNIT_TEST(deferredHandlersAnswerLater);
    CPPUNIT_TEST(droppedResponderAnswers500);
    CPPUNIT_TEST(thrownApiErrorBecomesItsEnvelope);
    CPPUNIT_TEST(otherExceptionsLeakNothing);
    CPPUNIT_TEST(heldRequestsGoToTheNextGeneration);
    CPPUNIT_TEST(tooManyHeldRequestsGet503);
    CPPUNIT_TEST(bodiesAreLimitedByTheirRoute);
    CPPUNIT_TEST_SUITE_END();

    void unknownPathGets404() {
        TestServer server({route(Method::Get, "/", say("hello"))});
        RawClient client(server.port());
        const auto answer = client.get("/nowhere");
        CPPUNIT_ASSERT_EQUAL(404, answer.status);
        CPPUNIT_ASSERT(answer.body.find("\"code\":\"NOT_FOUND\"") != std::string::npos);
        CPPUNIT_ASSERT(answer.body.find("\"timestamp\":\"20") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/").status);
    }

    void otherMethodGets405WithAllow() {
        TestServer server({route(Method::Get, "/a", say("")), route(Method::Post, "/a", say(""))});
        RawClient client(server.port());
        client.send("DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(405, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, POST, OPTIONS"), answer.headers.at("allow"));
    }

    void optionsNamesTheMethods() {
        TestServer server({route(Method::Get, "/a", say(""))});
        RawClient client(server.port());
        client.send("OPTIONS /a HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(204, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, OPTIONS"), answer.headers.at("allow"));
    }

    void preflightOfAnAllowedOrigin() {
        EdgeSettings settings;
        settings.cors.allowedOrigins = {"https://player.example"};
        TestServer server({route(Method::Get, "/a", say("hello"))}, settings);
        RawClient client(server.port());
        client.send(
            "OPTIONS /a HTTP/1.1\r\nHost: x\r\nOrigin: https://player.example\r\n"
            "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: range\r\n\r\n");
        const auto preflight = client.receive();
        CPPUNIT_ASSERT_EQUAL(std::string("https://player.example"),
                             preflight.headers.at("access-control-allow-origin"));
        CPPUNIT_ASSERT(preflight.headers.at("access-control-allow-headers").find("Range") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("7200"), preflight.headers.at("access-control-max-age"));
        const auto answer = client.get("/a", "Origin: https://player.example\r\n");
        CPPUNIT_ASSERT(answer.headers.at("access-control-expose-headers").find("Content-Range") != std::string::npos);
        CPPUNIT_ASSERT(answer.headers.at("vary").find("Origin") != std::string::npos);
    }

    void otherOriginsAreNotAllowed() {
        EdgeSettings settings;
        settings.cors.allowedOrigins = {"https://player.example"};
        TestServer server({route(Method::Get, "/a", say("hello"))}, settings);
        RawClient client(server.port());
        CPPUNIT_ASSERT(
            !client.get("/a", "Origin: https://evil.example\r\n").headers.contains("access-control-allow-origin"));
    }

    void workerHandlersAnswer() {
        std::thread::id seen;
        TestServer server({route(
            Method::Get, "/",
            [&](const Request&) {
                seen = std::this_thread::get_id();
                return Response::json({{"a", 1}});
            },
            Execution::Worker)});
        RawClient client(server.port());
        const auto answer = client.get("/");
        CPPUNIT_ASSERT(answer.body.starts_with(R"({"success":true,"data":{"a":1},"timestamp":")"));
        CPPUNIT_ASSERT(seen != std::thread::id());
    }

    /// Whoever gives no answer at hand has the handler asked, with the same request.
    void answersAtHandNeedNoWorker() {
        std::thread::id atHandOn, handlerOn;
        RouteOptions options;
        options.immediate = [&](const Request& request) -> std::optional<Response> {
            atHandOn = std::this_thread::get_id();
            if (request.query("kept") != "yes") return std::nullopt;
            return Response::text("kept");
        };
        TestServer server({route(
            Method::Get, "/",
            [&](const Request& request) {
                handlerOn = std::this_thread::get_id();
                return Response::text("made for " + std::string(request.query("kept").value_or("nobody")));
            },
            options)});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), client.get("/?kept=yes").body);
        CPPUNIT_ASSERT(handlerOn == std::thread::id());
        CPPUNIT_ASSERT_EQUAL(std::string("made for no"), client.get("/?kept=no").body);
        CPPUNIT_ASSERT(handlerOn != std::thread::id() && handlerOn != atHandOn);
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), client.get("/?kept=yes").body);
    }

    void answersAtHandGoBeforeDeferredHandlers() {
        auto later =
            deferredRoute("/", [](const Request&, Responder responder) { responder.send(Response::text("later")); });
        later.options.immediate = [](const Request& request) -> std::optional<Response> {
            if (!request.query("kept")) return std::nullopt;
            return Response::text("kept");
        };
        TestServer server({std::move(later)});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), client.get("/?kept").body);
        CPPUNIT_ASSERT_EQUAL(std::string("later"), client.get("/").body);
    }

    void whatAnAnswerAtHandThrowsIsAnswered() {
        RouteOptions options;
        options.immediate = [](const Request& request) -> std::optional<Response> {
            if (request.query("as") == "error") throw ApiError(409, "TAKEN", "It is taken.");
            throw std::runtime_error("password=secret");
        };
        TestServer server({route(Method::Get, "/", say("never"), options)});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(409, client.get("/?as=error").status);
        const auto answer = client.get("/");
        CPPUNIT_ASSERT_EQUAL(500, answer.status);
        CPPUNIT_ASSERT(answer.body.find("secret") == std::string::npos);
    }

    void deferredHandlersAnswerLater() {
        std::promise<Responder> asked;
        TestServer server({deferredRoute(
            "/later", [&](const Request&, Responder responder) { asked.set_value(std::move(responder)); })});
        RawClient client(server.port());
        client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        auto responder = asked.get_future().get();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, server.gate->leases());
        responder.send(Response::text("now"));
        CPPUNIT_ASSERT_EQUAL(std::string("now"), client.receive().body);
        CPPUNIT_ASSERT_THROW(responder.send(Response::text("again")), std::logic_error);
    }

    void droppedResponderAnswers500() {
        TestServer server(
            {deferredRoute("/dropped", [](const Request&, Responder) {}),
             deferredRoute("/thrown", [](const Request&, Responder) { throw std::runtime_error("x"); }),
             deferredRoute(
                 "/failed", [](const Request&, Responder responder) { responder.fail(ApiError::notFound("gone")); },
                 Execution::Worker)});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(500, client.get("/dropped").status);
        CPPUNIT_ASSERT_EQUAL(500, client.get("/thrown").status);
        CPPUNIT_ASSERT_EQUAL(404, client.get("/failed").status);
    }

    void thrownApiErrorBecomesItsEnvelope() {
        TestServer server({route(Method::Get, "/", [](const Request&) -> Response {
            throw ApiError(409, "TAKEN", "It is taken.", {{"by", "you"}});
        })});
        RawClient client(server.port());
        const auto answer = client.get("/");
        CPPUNIT_ASSERT_EQUAL(409, answer.status);
        CPPUNIT_ASSERT(answer.body.starts_with(
            R"({"success":false,"error":{"code":"TAKEN","message":"It is taken.","details":{"by":"you"}},)"));
    }

    void otherExceptionsLeakNothing() {
        TestServer server({route(Method::Get, "/std",
                                 [](const Request&) -> Response { throw std::runtime_error("password=secret"); }),
                           route(
                               Method::Get, "/int", [](const Request&) -> Response { throw 7; }, Execution::Worker)});
        RawClient client(server.port());
        for (const auto* path : {"/std", "/int"}) {
            const auto answer = client.get(path);
            CPPUNIT_ASSERT_EQUAL(500, answer.status);
            CPPUNIT_ASSERT(answer.body.find("INTERNAL_ERROR") != std::string::npos);
            CPPUNIT_ASSERT(answer.body.find("secret") == std::string::npos);
        }
    }

    void heldRequestsGoToTheNextGeneration() {
        TestServer server({route(Method::Get, "/", say("hi"))});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/").status);
        server.gate->hold();
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto next = LeaseGate::make();
        server.routes.front().handler = say("from the next");
        server.publish(next);
        server.gate->close();
        CPPUNIT_ASSERT_EQUAL(std::string("from the next"), client.receive().body);
    }

    void tooManyHeldRequestsGet503() {
        TestServer server({route(Method::Get, "/", say("hi"))});
        const auto narrow = LeaseGate::make(0);
        narrow->hold();
        server.publish(narrow);
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(503, client.get("/").status);
    }

    /// RFC 9110 section 15.5.14.
    void bodiesAreLimitedByTheirRoute() {
        EdgeSettings settings;
        settings.maximumBodySize = 10;
        const auto size = [](const Request& r) { return Response::text(std::to_string(r.body().size())); };
        RouteOptions larger(Execution::Inline);
        larger.maximumBodySize = 1000;
        RouteOptions none(Execution::Worker);
        none.maximumBodySize = 0;
        TestServer server({route(Method::Post, "/usual", size), route(Method::Post, "/larger", size, larger),
                           route(Method::Post, "/none", size, none)},
                          settings);
        const auto post = [&](const std::string& path, std::size_t count) {
            RawClient client(server.port());
            client.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(count) +
                        "\r\n\r\n" + std::string(count, 'b'));
            const auto answer = client.receive();
            if (answer.status == 200) CPPUNIT_ASSERT_EQUAL(std::to_string(count), answer.body);
            return answer.status;
        };
        for (const auto& [path, most] : {std::pair("/usual", 10), std::pair("/larger", 1000), std::pair("/none", 0)}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 200, post(path, static_cast<std::size_t>(most)));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 413, post(path, static_cast<std::size_t>(most) + 1));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RequestHandlersTest);
