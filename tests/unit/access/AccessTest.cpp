#include "GuardedServer.h"

#include "../control/CapturedLog.h"
#include "../trust/KeyFiles.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

using namespace playhouse;
using namespace playhouse::host;

class AccessTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccessTest);
    CPPUNIT_TEST(routesForEverybodyKnowWhoAsks);
    CPPUNIT_TEST(aTokenThatIsNotGoodIsNobodyOnARouteForEverybody);
    CPPUNIT_TEST(routesForUsersNeedAToken);
    CPPUNIT_TEST(routesForARoleNeedThatRole);
    CPPUNIT_TEST(everyKindOfHandlerIsGuarded);
    CPPUNIT_TEST(whoeverAsksNextIsSomebodyElse);
    CPPUNIT_TEST(headIsGuardedAsGet);
    CPPUNIT_TEST(preflightsNeedNoToken);
    CPPUNIT_TEST(whereNothingAnswersNobodyIsAskedForAToken);
    CPPUNIT_TEST(slowVerificationsAreForWorkers);
    CPPUNIT_TEST(withoutWorkersSlowVerificationsAreRefused);
    CPPUNIT_TEST(clientsMayLeaveMeanwhile);
    CPPUNIT_TEST(withoutIdentitiesNoTokenIsGood);
    CPPUNIT_TEST(logsNameTheUserAndNeverTheToken);
    CPPUNIT_TEST_SUITE_END();

    static void isRefused(int status, const std::string& code, const std::string& challenge, const Answer& answer) {
        CPPUNIT_ASSERT_EQUAL(status, answer.status);
        CPPUNIT_ASSERT_MESSAGE(answer.body, holds(answer.body, "\"code\":\"" + code + "\""));
        CPPUNIT_ASSERT_EQUAL(challenge, answer.headers.at("www-authenticate"));
        CPPUNIT_ASSERT_EQUAL(std::string("no-store"), answer.headers.at("cache-control"));
    }

    static std::shared_ptr<const TokenKeys> curveKeys(const KeyFiles& files) {
        return TokenKeys::ofFiles({files.make("key", "EC -pkeyopt ec_paramgen_curve:P-256").secret});
    }

    static constexpr const char* invalid = "Bearer error=\"invalid_token\"";

public:
    void routesForEverybodyKnowWhoAsks() {
        GuardedServer house({route(Method::Get, "/", who())});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(std::string("nobody"), client.get("/").body);
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), client.get("/", house.as("ann")).body);
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), client.get("/", house.as("ann")).body);
    }

    void aTokenThatIsNotGoodIsNobodyOnARouteForEverybody() {
        GuardedServer house({route(Method::Get, "/", who())});
        const auto expired = house.as("ann");
        house.clock.advance(std::chrono::hours(2));
        RawClient client(house.port());
        for (const auto& header : {std::string("Authorization: Bearer x\r\n"), expired,
                                   house.as("ann") + house.as("ann"), std::string("Authorization: Basic YTpi\r\n")}) {
            const auto answer = client.get("/", header);
            CPPUNIT_ASSERT_EQUAL(200, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("nobody"), answer.body);
        }
    }

    void routesForUsersNeedAToken() {
        GuardedServer house({route(Method::Get, "/", who(), options(Access::user()))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), client.get("/", house.as("ann")).body);
        isRefused(401, "TOKEN_MISSING", "Bearer", client.get("/"));
        isRefused(401, "TOKEN_MISSING", "Bearer", client.get("/", "Authorization: Basic YTpi\r\n"));
        isRefused(401, "TOKEN_MISSING", "Bearer", client.get("/?access_token=" + house.token("ann")));
        isRefused(401, "TOKEN_MALFORMED", invalid, client.get("/", "Authorization: Bearer\r\n"));
        isRefused(401, "TOKEN_MALFORMED", invalid, client.get("/", "Authorization: Bearer a.b\r\n"));
        isRefused(401, "TOKEN_MALFORMED", invalid, client.get("/", house.as("ann") + house.as("ann")));
        const auto ended = house.as("ann", "s9");
        CPPUNIT_ASSERT_EQUAL(200, client.get("/", ended).status);
        house.identities.endSession("s9", house.clock.now() + std::chrono::hours(1));
        isRefused(401, "TOKEN_REVOKED", invalid, client.get("/", ended));
        const auto expired = house.as("ann");
        house.clock.advance(std::chrono::hours(2));
        isRefused(401, "TOKEN_EXPIRED", invalid, client.get("/", expired));
    }

    void routesForARoleNeedThatRole() {
        GuardedServer house({route(Method::Get, "/", who(), options(Access::roles({"admin", "moderator"})))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/", house.as("eve", "s", {"viewer", "moderator"})).status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/", house.as("bob", "s", {"admin"})).status);
        isRefused(403, "FORBIDDEN", "Bearer error=\"insufficient_scope\"",
                  client.get("/", house.as("ann", "s", {"viewer", "Admin"})));
        isRefused(401, "TOKEN_MISSING", "Bearer", client.get("/"));
    }

    void everyKindOfHandlerIsGuarded() {
        std::atomic<int> calls{0};
        const auto counting = [&calls](const Request& request) {
            ++calls;
            return Response::text(request.user().userId);
        };
        const auto later = [&calls](const Request& request, Responder responder) {
            ++calls;
            responder.send(Response::text(request.user().userId));
        };
        GuardedServer house({route(Method::Get, "/inline", counting, options(Access::user())),
                             route(Method::Get, "/worker", counting, options(Access::user(), Execution::Worker)),
                             route(Method::Post, "/worker", counting, options(Access::user(), Execution::Worker)),
                             deferredRoute("/deferred", later, options(Access::user())),
                             deferredRoute("/deferred-worker", later, options(Access::user(), Execution::Worker))});
        RawClient client(house.port());
        for (const auto* path : {"/inline", "/worker", "/deferred", "/deferred-worker"}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 401, client.get(path).status);
            CPPUNIT_ASSERT_EQUAL(0, calls.load());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, std::string("ann"), client.get(path, house.as("ann")).body);
            CPPUNIT_ASSERT_EQUAL(1, calls.exchange(0));
        }
        client.send(
            "POST /worker HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbodyGET /inline HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(401, client.receive().status);
        CPPUNIT_ASSERT_EQUAL(401, client.receive().status);
        CPPUNIT_ASSERT_EQUAL(0, calls.load());
    }

    /// One connection carries requests of several people behind a proxy.
    void whoeverAsksNextIsSomebodyElse() {
        const KeyFiles files;
        for (const auto& keys : {secretKeys(), curveKeys(files)}) {
            GuardedServer house({route(Method::Get, "/", who()), route(Method::Get, "/w", who(), Execution::Worker)},
                                {}, keys);
            RawClient client(house.port());
            client.send("GET / HTTP/1.1\r\nHost: x\r\n" + house.as("ann") + "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n" +
                        "GET /w HTTP/1.1\r\nHost: x\r\n" + house.as("bob") + "\r\nGET /w HTTP/1.1\r\nHost: x\r\n\r\n" +
                        "GET /no HTTP/1.1\r\nHost: x\r\n" + house.as("bob") + "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
            for (const auto* expected : {"ann", "nobody", "bob", "nobody"})
                CPPUNIT_ASSERT_EQUAL(std::string(expected), client.receive().body);
            CPPUNIT_ASSERT_EQUAL(404, client.receive().status);
            CPPUNIT_ASSERT_EQUAL(std::string("nobody"), client.receive().body);
        }
    }

    void headIsGuardedAsGet() {
        GuardedServer house({route(Method::Get, "/", who(), options(Access::user()))});
        RawClient client(house.port());
        client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto refused = client.receive(false);
        CPPUNIT_ASSERT_EQUAL(401, refused.status);
        CPPUNIT_ASSERT(refused.headers.contains("www-authenticate"));
        client.send("HEAD / HTTP/1.1\r\nHost: x\r\n" + house.as("ann") + "\r\n");
        CPPUNIT_ASSERT_EQUAL(200, client.receive(false).status);
    }

    void preflightsNeedNoToken() {
        EdgeSettings settings;
        settings.cors.allowedOrigins = {"https://player.example"};
        GuardedServer house({route(Method::Get, "/a", who(), options(Access::user())),
                             route(Method::Options, "/own", who(), options(Access::user()))},
                            settings);
        RawClient client(house.port());
        const std::string preflight =
            "Origin: https://player.example\r\nAccess-Control-Request-Method: GET\r\n"
            "Access-Control-Request-Headers: authorization\r\n\r\n";
        client.send("OPTIONS /a HTTP/1.1\r\nHost: x\r\n" + preflight);
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(204, answer.status);
        CPPUNIT_ASSERT(holds(answer.headers.at("access-control-allow-headers"), "Authorization"));
        client.send("OPTIONS /a HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(204, client.receive().status);
        client.send("OPTIONS /own HTTP/1.1\r\nHost: x\r\n" + preflight);
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
        client.send("OPTIONS /own HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(401, client.receive().status);
        // The refusal itself can be read by the page.
        const auto refused = client.get("/a", "Origin: https://player.example\r\n");
        CPPUNIT_ASSERT_EQUAL(401, refused.status);
        CPPUNIT_ASSERT_EQUAL(std::string("https://player.example"), refused.headers.at("access-control-allow-origin"));
    }

    void whereNothingAnswersNobodyIsAskedForAToken() {
        GuardedServer house({route(Method::Get, "/a", who(), options(Access::user()))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(404, client.get("/b").status);
        client.send("DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(405, client.receive().status);
    }

    void slowVerificationsAreForWorkers() {
        const KeyFiles files;
        GuardedServer house({route(Method::Get, "/", who(), options(Access::user())),
                             deferredRoute(
                                 "/later",
                                 [](const Request& request, Responder responder) {
                                     responder.send(Response::text(request.user().userId));
                                 },
                                 options(Access::user()))},
                            {}, curveKeys(files));
        RawClient client(house.port());
        const auto ann = house.as("ann");
        CPPUNIT_ASSERT(house.identities.takesLong());
        for (const auto* path : {"/", "/later", "/"})
            CPPUNIT_ASSERT_EQUAL(std::string("ann"), client.get(path, ann).body);
        isRefused(401, "TOKEN_MALFORMED", invalid, client.get("/", "Authorization: Bearer a.b.c\r\n"));
        isRefused(401, "TOKEN_MISSING", "Bearer", client.get("/"));
    }

    void withoutWorkersSlowVerificationsAreRefused() {
        const KeyFiles files;
        GuardedServer house({route(Method::Get, "/", who(), options(Access::user()))}, {}, curveKeys(files));
        RawClient client(house.port());
        const auto ann = house.as("ann");
        CPPUNIT_ASSERT_EQUAL(200, client.get("/", ann).status);
        house.server.workers.stop();
        CPPUNIT_ASSERT_EQUAL(200, client.get("/", ann).status);
        CPPUNIT_ASSERT_EQUAL(503, client.get("/", house.as("bob")).status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/", ann).status);
    }

    void clientsMayLeaveMeanwhile() {
        const KeyFiles files;
        GuardedServer house({route(Method::Get, "/", who(), options(Access::user()))}, {}, curveKeys(files));
        for (int count = 0; count < 50; ++count) {
            RawClient client(house.port());
            client.send("GET / HTTP/1.1\r\nHost: x\r\n" + house.as("user" + std::to_string(count)) + "\r\n");
            client.reset();
        }
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), client.get("/", house.as("ann")).body);
    }

    void withoutIdentitiesNoTokenIsGood() {
        GuardedServer issuer({});
        TestServer server({route(Method::Get, "/", who(), options(Access::user())), route(Method::Get, "/all", who())});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(401, client.get("/", issuer.as("ann")).status);
        CPPUNIT_ASSERT_EQUAL(std::string("nobody"), client.get("/all", issuer.as("ann")).body);
    }

    void logsNameTheUserAndNeverTheToken() {
        const CapturedLog access("access");
        const CapturedLog http("http");
        EdgeSettings settings;
        settings.accessLog = true;
        const auto failing = [](const Request&) -> Response { throw std::runtime_error("broken"); };
        GuardedServer house({route(Method::Get, "/", who()), route(Method::Get, "/fails", failing)}, settings);
        const auto token = house.token("ann");
        const auto header = "Authorization: Bearer " + token + "\r\n";
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/", header).status);
        const auto failed = client.get("/fails?access_token=" + token, header);
        CPPUNIT_ASSERT_EQUAL(500, failed.status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/").status);
        house.server.server.drain(std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, access.lines().size());
        CPPUNIT_ASSERT_MESSAGE(access.lines()[0], access.lines()[0].ends_with(" user ann"));
        CPPUNIT_ASSERT_MESSAGE(access.lines()[2], !holds(access.lines()[2], "user"));
        const auto signature = token.substr(token.rfind('.') + 1);
        for (const auto* log : {&access, &http})
            for (const auto& line : log->lines()) CPPUNIT_ASSERT_MESSAGE(line, !holds(line, signature));
        for (const auto& [name, value] : failed.headers) CPPUNIT_ASSERT_MESSAGE(name, !holds(value, signature));
        CPPUNIT_ASSERT(!holds(failed.body, signature));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccessTest);
