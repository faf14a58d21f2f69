#include "KeyFiles.h"
#include "configuration/ConfigurationError.h"
#include "configuration/ConfigurationLoader.h"
#include "trust/LibraryTrust.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::host;

/// Keys that cannot be used stop the configuration, at the start as at a reload, and are named with their place.
class TrustConfigurationTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TrustConfigurationTest);
    CPPUNIT_TEST(requiresNothingByDefault);
    CPPUNIT_TEST(readsKeysFromTheWorkingDirectory);
    CPPUNIT_TEST(refusesKeysThatCannotBeUsed);
    CPPUNIT_TEST(refusesToRequireSignaturesWithoutKeys);
    CPPUNIT_TEST_SUITE_END();

    const KeyFiles files_;

    HostConfiguration load(const std::string& text) const {
        return loadConfiguration({.file = files_.write("test.properties", text),
                                  .environment = {},
                                  .definitions = {},
                                  .workingDirectory = files_.path("").parent_path(),
                                  .executableDirectory = "/"})
            .host;
    }

    void expectRefused(const std::string& text, const std::vector<std::string>& parts) const {
        std::string problem;
        try {
            load(text);
        } catch (const ConfigurationError& refusal) {
            problem = refusal.what();
        }
        for (const auto& part : parts)
            CPPUNIT_ASSERT_MESSAGE(problem + " does not name " + part, problem.find(part) != std::string::npos);
    }

public:
    void requiresNothingByDefault() { CPPUNIT_ASSERT(!load("").swap.trust->required()); }

    void readsKeysFromTheWorkingDirectory() {
        files_.make("one");
        const auto second = files_.make("two");
        const auto host = load("plugins.require-signature = true\nplugins.trusted-keys = one.pub.pem, " +
                               second.open.string() + "\n");
        CPPUNIT_ASSERT(host.swap.trust->required());
        const auto library = files_.library();
        signLibrary(library, second.secret);
        host.swap.trust->check(library, library);
    }

    void refusesKeysThatCannotBeUsed() {
        const auto key = files_.make("key");
        expectRefused("plugins.trusted-keys = absent.pem\n",
                      {"test.properties:1: plugins.trusted-keys", files_.path("absent.pem").string(), "No such file"});
        expectRefused("plugins.trusted-keys = key.pub.pem, key.pem\n", {"test.properties:1", "holds a private key"});
    }

    void refusesToRequireSignaturesWithoutKeys() {
        expectRefused("\nplugins.require-signature = true\n",
                      {"test.properties:2: plugins.require-signature", "plugins.trusted-keys names no key"});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TrustConfigurationTest);
