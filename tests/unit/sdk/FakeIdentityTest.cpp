#include <playhouse/testing/FakeContext.h>

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>
#include <utility>

using namespace std::chrono_literals;
using namespace playhouse;
using namespace playhouse::testing;

namespace {

Response whoAsks(const Request& request) {
    return Response::json({{"who", request.identity() ? request.identity()->userId : "nobody"}});
}

/// Routes for everybody, for users and for admins.
class GuardedPlugin final : public Plugin {
public:
    void start(PluginContext& context) override {
        RouteOptions users;
        users.access = Access::user();
        RouteOptions admins;
        admins.access = Access::role("admin");
        auto& router = context.router();
        router.get("/all", whoAsks);
        router.get(
            "/users",
            [](const Request& request) {
                return Response::json({{"who", request.user().userId}});
            },
            users);
        router.get("/admins", whoAsks, admins);
        router.get("/careless", [](const Request& request) { return Response::text(request.user().userId); });
        ChannelOptions channels;
        channels.access = Access::user();
        router.webSocket(
            "/live", {.opened = [](const Request& request, Channel& channel) { channel.send(request.user().userId); }},
            channels);
    }
};

}  // namespace

class FakeIdentityTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FakeIdentityTest);
    CPPUNIT_TEST(somebodyAsksByAValue);
    CPPUNIT_TEST(somebodyAsksByAToken);
    CPPUNIT_TEST(accessIsChecked);
    CPPUNIT_TEST(channelsAreForWhoMay);
    CPPUNIT_TEST(tokensEnd);
    CPPUNIT_TEST(aUserWhoIsNotThereIsAMistake);
    CPPUNIT_TEST_SUITE_END();

    FakeContext context_{"guarded"};
    GuardedPlugin plugin_;

    static Identity ann(std::vector<std::string> roles = {}) {
        Identity identity;
        identity.userId = "ann";
        identity.sessionId = "s1";
        identity.roles = std::move(roles);
        return identity;
    }
    static std::string whoIn(const Response& response) { return std::string(jsonData(response).at("who").as_string()); }
    Response getWith(const std::string& token, const std::string& target) {
        Headers headers;
        headers.add("Authorization", "Bearer " + token);
        return context_.request(Method::Get, target, headers);
    }

public:
    void setUp() override { context_.start(plugin_); }

    void somebodyAsksByAValue() {
        CPPUNIT_ASSERT_EQUAL(std::string("nobody"), whoIn(context_.request(Method::Get, "/all")));
        for (const auto* path : {"/all", "/users"})
            CPPUNIT_ASSERT_EQUAL(std::string("ann"), whoIn(context_.requestAs(ann(), Method::Get, path)));
    }

    void somebodyAsksByAToken() {
        const auto token = context_.identity().signIn(ann());
        for (const auto* path : {"/all", "/users"})
            CPPUNIT_ASSERT_EQUAL(std::string("ann"), whoIn(getWith(token, path)));
        CPPUNIT_ASSERT_EQUAL(std::string("nobody"), whoIn(getWith("bad", "/all")));
    }

    void accessIsChecked() {
        CPPUNIT_ASSERT_EQUAL(401, context_.request(Method::Get, "/users").status());
        CPPUNIT_ASSERT_EQUAL(401, context_.request(Method::Head, "/users").status());
        CPPUNIT_ASSERT_EQUAL(401, getWith("bad", "/users").status());
        CPPUNIT_ASSERT_EQUAL(403, context_.requestAs(ann({"viewer"}), Method::Get, "/admins").status());
        CPPUNIT_ASSERT_EQUAL(200, context_.requestAs(ann({"viewer", "admin"}), Method::Get, "/admins").status());
    }

    void channelsAreForWhoMay() {
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), context_.connectAs(ann(), "/live").takeText());
        const auto token = context_.identity().signIn(ann());
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), context_.connect("/live?access_token=" + token).takeText());
        for (const auto* target : {"/live", "/live?access_token=bad"}) {
            try {
                context_.connect(target);
                CPPUNIT_FAIL("opened");
            } catch (const ApiError& refusal) {
                CPPUNIT_ASSERT_EQUAL(401, refusal.status());
            }
        }
    }

    void tokensEnd() {
        auto& identity = context_.identity();
        const auto refused = [&](const std::string& token) {
            try {
                static_cast<void>(identity.verify(token));
                return std::string("good");
            } catch (const ApiError& refusal) {
                return refusal.code();
            }
        };
        const auto token = identity.issue(ann(), 60s);
        CPPUNIT_ASSERT_EQUAL(std::string("good"), refused(token));
        identity.endSession("s1", context_.clock().now() + 60s);
        CPPUNIT_ASSERT(identity.hasEnded("s1"));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), refused(token));
        auto other = ann();
        other.sessionId = "s2";
        const auto second = identity.issue(other, 60s);
        context_.clock().advance(1s);
        identity.endSessionsOf("ann", context_.clock().now(), context_.clock().now() + 60s);
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), refused(second));
        const auto third = identity.issue(other, 60s);
        CPPUNIT_ASSERT_EQUAL(std::string("good"), refused(third));
        context_.clock().advance(60s);
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_EXPIRED"), refused(third));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_MALFORMED"), refused("made up"));
        CPPUNIT_ASSERT_THROW(identity.issue({}, 60s), std::invalid_argument);
    }

    void aUserWhoIsNotThereIsAMistake() {
        CPPUNIT_ASSERT_THROW(context_.request(Method::Get, "/careless"), std::logic_error);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FakeIdentityTest);
