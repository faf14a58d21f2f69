#include "control/HostRoutes.h"

#include "FakeAdministration.h"
#include "identity/TokenIdentities.h"
#include "platform/HostClock.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace playhouse;
using namespace playhouse::host;

class HostRoutesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HostRoutesTest);
    CPPUNIT_TEST(isAliveWhateverThePluginsDo);
    CPPUNIT_TEST(isReadyWhenEveryPluginThatIsOnServes);
    CPPUNIT_TEST(isNotReadyWhileAPluginFailed);
    CPPUNIT_TEST(isNotReadyWhileAPluginIsDown);
    CPPUNIT_TEST(aPluginThatIsSwappedServes);
    CPPUNIT_TEST(isReadyAlsoWhileABackendIsDownAndSaysSo);
    CPPUNIT_TEST(showsFiguresOnlyWhenTheyArePublic);
    CPPUNIT_TEST(showsTheKeysOfTokensToEverybody);
    CPPUNIT_TEST_SUITE_END();

    FakeAdministration administration_;
    bool metricsArePublic_ = true;

    boost::json::object get(const std::string& path) {
        for (const auto& route : hostRoutes(administration_, [this] { return metricsArePublic_; })) {
            if (route.pattern != path) continue;
            RequestParts parts;
            parts.path = path;
            const auto response = std::get<Handler>(route.handler)(Request(std::move(parts)));
            return boost::json::parse(std::get<SharedBuffer>(response.body().parts().at(0)).text()).as_object();
        }
        CPPUNIT_FAIL("no route " + path);
        return {};
    }

    ApiError refusal(const std::string& path) {
        try {
            get(path);
        } catch (const ApiError& error) {
            return error;
        }
        CPPUNIT_FAIL("answered " + path);
        return ApiError::notFound("");
    }

public:
    void isAliveWhateverThePluginsDo() {
        administration_.find("streaming").state = PluginState::Failed;
        CPPUNIT_ASSERT(get("/healthz").at("data").at("status").as_string() == "alive");
    }

    void isReadyWhenEveryPluginThatIsOnServes() {
        const auto data = get("/readyz").at("data").as_object();
        CPPUNIT_ASSERT(data.at("status").as_string() == "ready");
        CPPUNIT_ASSERT(data.at("database").as_string() == "up");
        administration_.backendStates = {{"database", "down"}};
        CPPUNIT_ASSERT(get("/readyz").at("data").at("database").as_string() == "down");
        const auto& plugins = data.at("plugins").as_array();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, plugins.size());
        CPPUNIT_ASSERT(plugins[0].at("id").as_string() == "streaming");
        CPPUNIT_ASSERT(plugins[0].at("version").as_string() == "1.0.0");
        CPPUNIT_ASSERT(plugins[0].at("state").as_string() == "serving");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, plugins[0].at("generation").to_number<std::uint64_t>());
        CPPUNIT_ASSERT(plugins[0].at("health").at("status").as_string() == "up");
        CPPUNIT_ASSERT(plugins[1].at("state").as_string() == "disabled");
    }

    void isNotReadyWhileAPluginFailed() {
        administration_.find("chat").state = PluginState::Failed;
        administration_.find("chat").error = "no database";
        const auto error = refusal("/readyz");
        CPPUNIT_ASSERT_EQUAL(503, error.status());
        CPPUNIT_ASSERT_EQUAL(std::string("NOT_READY"), error.code());
        const auto& chat = error.details().at("plugins").as_array().at(1);
        CPPUNIT_ASSERT(chat.at("state").as_string() == "failed");
        // Why is for operators: the text of an exception may name files, hosts and users.
        administration_.find("streaming").health = {Health::Status::Down, "no database at postgres://anna:secret@db"};
        const auto shown = boost::json::serialize(refusal("/readyz").details());
        CPPUNIT_ASSERT_MESSAGE(shown, shown.find("\"status\":\"down\"") != std::string::npos);
        for (const auto* hidden : {"no database", "secret"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(shown, std::string::npos, shown.find(hidden));
    }

    void isNotReadyWhileAPluginIsDown() {
        administration_.find("streaming").health = {Health::Status::Degraded, "slow"};
        get("/readyz");
        administration_.find("streaming").health = {Health::Status::Down, "broken"};
        CPPUNIT_ASSERT_EQUAL(503, refusal("/readyz").status());
    }

    void isReadyAlsoWhileABackendIsDownAndSaysSo() {
        CPPUNIT_ASSERT(!get("/readyz").at("data").as_object().contains("redis"));
        administration_.backendStates = {{"redis", "down"}};
        CPPUNIT_ASSERT(get("/readyz").at("data").at("redis").as_string() == "down");
        administration_.find("chat").state = PluginState::Failed;
        CPPUNIT_ASSERT(refusal("/readyz").details().at("redis").as_string() == "down");
    }

    void aPluginThatIsSwappedServes() {
        administration_.find("streaming").state = PluginState::Swapping;
        CPPUNIT_ASSERT(get("/readyz").at("data").at("plugins").at(0).at("state").as_string() == "serving");
    }

    void showsFiguresOnlyWhenTheyArePublic() {
        metricsArePublic_ = false;
        CPPUNIT_ASSERT_EQUAL(404, refusal("/metrics").status());
        for (const auto& route : hostRoutes(administration_, [] { return true; })) {
            if (route.pattern != "/metrics") continue;
            const auto response = std::get<Handler>(route.handler)(Request({}));
            CPPUNIT_ASSERT(response.headers().find("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
            CPPUNIT_ASSERT(std::get<SharedBuffer>(response.body().parts().at(0)).text() == "figures 1\n");
        }
    }

    /// RFC 7517 section 5: the set itself, without an envelope.
    void showsTheKeysOfTokensToEverybody() {
        const HostClock clock;
        prometheus::Registry registry;
        const TokenIdentities identities(TokenKeys::ofSecret("secret"), {}, clock, registry);
        const auto routes = identityRoutes(identities);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, routes.size());
        CPPUNIT_ASSERT_EQUAL(std::string("/auth/jwks.json"), routes[0].pattern);
        CPPUNIT_ASSERT(routes[0].options.access.isOpen());
        const auto response = std::get<Handler>(routes[0].handler)(Request({}));
        CPPUNIT_ASSERT(std::get<SharedBuffer>(response.body().parts().at(0)).text() == R"({"keys":[]})");
        CPPUNIT_ASSERT(response.headers().find("Content-Type") == "application/jwk-set+json");
        CPPUNIT_ASSERT(response.headers().find("Cache-Control") == "public, max-age=300");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostRoutesTest);
