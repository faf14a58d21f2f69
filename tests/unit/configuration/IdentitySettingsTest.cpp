#include "LoaderFixture.h"

#include "../trust/KeyFiles.h"
#include "configuration/SettingsSchema.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <string>

using namespace playhouse::host;
using std::chrono::hours;
using std::chrono::seconds;

class IdentitySettingsTest : public LoaderFixture {
    CPPUNIT_TEST_SUITE(IdentitySettingsTest);
    CPPUNIT_TEST(withoutASecretOneIsToBeKept);
    CPPUNIT_TEST(aWeakSecretIsWarnedOfAndNeverShown);
    CPPUNIT_TEST(productionRefusesAMissingOrWeakSecret);
    CPPUNIT_TEST(aProfileHasOneOfItsNames);
    CPPUNIT_TEST(lifetimesAreReadAsTheirVariableGivesThem);
    CPPUNIT_TEST(curveKeysAreReadAndWatched);
    CPPUNIT_TEST(curveKeysThatCannotBeUsedAreRefused);
    CPPUNIT_TEST(noOtherAlgorithmCanBeChosen);
    CPPUNIT_TEST(identityTakesNoRestart);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* strong = "c2VlIGhvdyByYW5kb20gdGhpcyBsb29rcw";

    IdentitySettings load() { return loadConfiguration(sources_).host.identity; }

    std::string refusalHolds(const std::string& part) {
        const auto text = refusal();
        CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
        return text;
    }

    seconds lifetimeOf(const std::string& variable) {
        sources_.environment["JWT_EXPIRES_IN"] = variable;
        return load().rules.lifetime;
    }

public:
    void withoutASecretOneIsToBeKept() {
        const auto identity = load();
        CPPUNIT_ASSERT(!identity.keys && identity.warnings.empty());
        CPPUNIT_ASSERT(identity.rules == TokenRules{});
        sources_.environment = {{"JWT_SECRET", strong}};
        CPPUNIT_ASSERT(load().keys->isSameAs(*TokenKeys::ofSecret(strong)));
        CPPUNIT_ASSERT(load().warnings.empty());
    }

    void aWeakSecretIsWarnedOfAndNeverShown() {
        for (const std::string weak : {"your-secret-key", "too-short"}) {
            sources_.environment = {{"JWT_SECRET", weak}};
            const auto identity = load();
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, identity.warnings.size());
            const auto& warning = identity.warnings.front();
            CPPUNIT_ASSERT_MESSAGE(warning, warning.find("JWT_SECRET: identity.secret is weak") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(warning, warning.find(weak) == std::string::npos);
            CPPUNIT_ASSERT(identity.keys);
        }
    }

    void productionRefusesAMissingOrWeakSecret() {
        sources_.environment = {{"NODE_ENV", "production"}};
        refusalHolds("environment variable NODE_ENV: profile = production needs identity.secret (JWT_SECRET)");
        for (const std::string weak : {"your-secret-key", "0123456789abcdef0123456789abcde"}) {
            sources_.environment["JWT_SECRET"] = weak;
            CPPUNIT_ASSERT(refusalHolds("identity.secret is weak: it").find(weak) == std::string::npos);
        }
        sources_.environment["JWT_SECRET"] = strong;
        CPPUNIT_ASSERT(load().keys);
        sources_.environment.clear();
        sources_.definitions = {"profile=production"};
        refusalHolds("-D: profile = production needs identity.secret");
        const KeyFiles files;
        sources_.definitions.push_back("identity.algorithm=ES256");
        sources_.definitions.push_back("identity.keys=" +
                                       files.make("key", "EC -pkeyopt ec_paramgen_curve:P-256").secret.string());
        CPPUNIT_ASSERT(load().keys);
    }

    void aProfileHasOneOfItsNames() {
        for (const auto* name : {"development", "test"}) {
            sources_.environment = {{"NODE_ENV", name}};
            load();
        }
        sources_.environment = {{"NODE_ENV", "Production"}};
        refusalHolds("profile = Production is not allowed; it takes one of development, test, production");
    }

    void lifetimesAreReadAsTheirVariableGivesThem() {
        CPPUNIT_ASSERT(lifetimeOf("3600") == hours(1));
        CPPUNIT_ASSERT(lifetimeOf("7d") == hours(7 * 24));
        CPPUNIT_ASSERT(lifetimeOf("15m") == seconds(900));
        CPPUNIT_ASSERT(lifetimeOf("2h") == hours(2));
        CPPUNIT_ASSERT(lifetimeOf("30 s") == seconds(30));
        for (const auto* odd : {"soon", "0", "-1", "1w2", "99999999999999999999"}) {
            sources_.environment["JWT_EXPIRES_IN"] = odd;
            refusalHolds("environment variable JWT_EXPIRES_IN: identity.token-lifetime = ");
        }
        sources_.environment.clear();
        sources_.definitions = {"identity.token-lifetime=3600"};
        refusalHolds("identity.token-lifetime = 3600 is not allowed");
        sources_.definitions = {"identity.token-lifetime=15m"};
        refusalHolds("identity.token-lifetime = 15m is not allowed");
    }

    void curveKeysAreReadAndWatched() {
        const KeyFiles files;
        const auto first = files.make("first", "EC -pkeyopt ec_paramgen_curve:P-256");
        const auto second = files.make("second", "EC -pkeyopt ec_paramgen_curve:P-256");
        sources_.definitions = {"identity.algorithm=ES256",
                                "identity.keys=" + first.secret.string() + ", " + second.open.string()};
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT(loaded.host.identity.keys->algorithm() == TokenKeys::Algorithm::Es256);
        const auto watched = loaded.watchedFiles();
        for (const auto& file : {first.secret, second.open})
            CPPUNIT_ASSERT(std::find(watched.begin(), watched.end(), file) != watched.end());
    }

    void curveKeysThatCannotBeUsedAreRefused() {
        sources_.definitions = {"identity.algorithm=ES256"};
        refusalHolds("-D: identity.algorithm = ES256 needs identity.keys");
        sources_.definitions.push_back("identity.keys=absent.pem");
        refusalHolds("-D: identity.keys: " + (directory_.path() / "absent.pem").string() + " cannot be read");
        directory_.write("absent.pem", "no key");
        refusalHolds("absent.pem is no PEM file");
    }

    void noOtherAlgorithmCanBeChosen() {
        for (const auto* algorithm : {"none", "hs256", "RS256", ""}) {
            sources_.definitions = {std::string("identity.algorithm=") + algorithm};
            refusalHolds("it takes one of HS256, ES256");
        }
    }

    void identityTakesNoRestart() {
        for (const auto& setting : settingsSchema())
            if (setting.key.starts_with("identity.") || setting.key == "profile")
                CPPUNIT_ASSERT_MESSAGE(std::string(setting.key), !setting.needsRestart);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdentitySettingsTest);
