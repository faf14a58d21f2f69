#include "../edge/Certificates.h"
#include "configuration/ConfigurationError.h"
#include "configuration/ConfigurationLoader.h"
#include "trust/TlsContext.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace playhouse::host;

/// Which certificates and keys a server takes, what it says of the others, and how configuration leads to them.
class TlsContextTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TlsContextTest);
    CPPUNIT_TEST(takesACertificateWithItsKey);
    CPPUNIT_TEST(refusesFilesThatAreNotThere);
    CPPUNIT_TEST(refusesTheKeyOfAnother);
    CPPUNIT_TEST(refusesWhatIsNoPem);
    CPPUNIT_TEST(refusesAnEncryptedKeyWithoutAsking);
    CPPUNIT_TEST(warnsOfWhatIsExpiredOrOpenToAll);
    CPPUNIT_TEST(knowsARenewedCertificate);
    CPPUNIT_TEST(aPortNeedsCertificateAndKey);
    CPPUNIT_TEST(configurationWatchesTheFiles);
    CPPUNIT_TEST(configurationRefusesABrokenCertificate);
    CPPUNIT_TEST(configurationRefusesProxiesThatAreNoNetworks);
    CPPUNIT_TEST_SUITE_END();

    const Certificates certificates_;
    const Certificates::Files good_ = certificates_.make("good");

    static TlsContext contextOf(const Certificates::Files& files) {
        return {files.certificate, files.key, TlsContext::Version::Tls12};
    }

    static void expectRefusal(const Certificates::Files& files, const std::filesystem::path& named,
                              const std::string& text) {
        try {
            contextOf(files);
        } catch (const std::runtime_error& problem) {
            const std::string told = problem.what();
            CPPUNIT_ASSERT_MESSAGE(told, told.find(named.string()) != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(told + " does not say " + text, told.find(text) != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(told, told.find("PRIVATE") == std::string::npos);
            return;
        }
        CPPUNIT_FAIL("accepted");
    }

    LoadedConfiguration load(const std::vector<std::string>& definitions) const {
        return loadConfiguration({.file = std::nullopt,
                                  .environment = {},
                                  .definitions = definitions,
                                  .workingDirectory = certificates_.path(""),
                                  .executableDirectory = certificates_.path("")});
    }

    void expectRefused(const std::vector<std::string>& definitions, const std::string& text) const {
        try {
            load(definitions);
        } catch (const ConfigurationError& problem) {
            CPPUNIT_ASSERT_MESSAGE(problem.what(), std::string(problem.what()).find(text) != std::string::npos);
            return;
        }
        CPPUNIT_FAIL("accepted");
    }

public:
    void takesACertificateWithItsKey() {
        const auto context = contextOf(good_);
        CPPUNIT_ASSERT(context.native() != nullptr);
        CPPUNIT_ASSERT(context.warnings().empty());
        CPPUNIT_ASSERT(context.validUntil() > std::chrono::system_clock::now() + std::chrono::hours(24 * 29));
    }

    void refusesFilesThatAreNotThere() {
        const auto missing = certificates_.path("missing.pem");
        expectRefusal({missing, good_.key}, missing, "No such file");
        expectRefusal({good_.certificate, missing}, missing, "No such file");
    }

    void refusesTheKeyOfAnother() {
        const auto other = certificates_.make("other");
        expectRefusal({good_.certificate, other.key}, other.key, "is not the key of the certificate");
    }

    void refusesWhatIsNoPem() {
        const auto text = certificates_.path("text.pem");
        std::ofstream(text) << "hello\n";
        expectRefusal({text, good_.key}, text, "is no PEM file of a certificate");
        expectRefusal({good_.certificate, text}, text, "is no PEM file of a private key");
        expectRefusal({good_.key, good_.key}, good_.key, "is no PEM file of a certificate");
    }

    void refusesAnEncryptedKeyWithoutAsking() {
        const auto encrypted = certificates_.path("encrypted.key");
        const auto command =
            "openssl pkey -aes128 -passout pass:secret -in " + good_.key.string() + " -out " + encrypted.string();
        CPPUNIT_ASSERT_EQUAL(0, std::system(command.c_str()));
        expectRefusal({good_.certificate, encrypted}, encrypted, "is encrypted");
    }

    void warnsOfWhatIsExpiredOrOpenToAll() {
        const auto expired = contextOf(certificates_.make("expired", -1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, expired.warnings().size());
        CPPUNIT_ASSERT(expired.warnings().front().find("expired on") != std::string::npos);
        std::filesystem::permissions(good_.key, std::filesystem::perms::others_read,
                                     std::filesystem::perm_options::add);
        const auto open = contextOf(good_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, open.warnings().size());
        CPPUNIT_ASSERT(open.warnings().front().find(good_.key.string()) != std::string::npos);
    }

    void knowsARenewedCertificate() {
        CPPUNIT_ASSERT(contextOf(good_).hasCertificateOf(contextOf(good_)));
        CPPUNIT_ASSERT(!contextOf(certificates_.make("renewed")).hasCertificateOf(contextOf(good_)));
    }

    void aPortNeedsCertificateAndKey() {
        expectRefused({"tls.port=8443"}, "tls.port = 8443 needs tls.certificate");
        expectRefused({"tls.port=8443", "tls.certificate=good.pem"}, "tls.port = 8443 needs tls.key");
        CPPUNIT_ASSERT(!load({"tls.certificate=missing.pem"}).host.edge.tls.context);
    }

    void configurationWatchesTheFiles() {
        const auto loaded =
            load({"tls.port=8443", "tls.certificate=good.pem", "tls.key=good.key", "tls.minimum-version=1.3"});
        CPPUNIT_ASSERT(loaded.host.edge.tls.context);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{8443}, loaded.host.edge.tls.port);
        CPPUNIT_ASSERT(loaded.watchedFiles() == std::vector({good_.certificate, good_.key}));
    }

    void configurationRefusesABrokenCertificate() {
        expectRefused(
            {"tls.port=8443", "tls.certificate=good.pem", "tls.key=none.key"},
            "-D: tls.certificate and tls.key: " + certificates_.path("none.key").string() + " cannot be read");
        expectRefused({"tls.minimum-version=1.1"}, "one of 1.2, 1.3");
    }

    void configurationRefusesProxiesThatAreNoNetworks() {
        expectRefused({"proxies.trusted=127.0.0.1, nginx"}, "-D: proxies.trusted: \"nginx\" is neither");
        const auto loaded = load({"proxies.trusted=127.0.0.1, 10.0.0.0/8", "proxies.header=forwarded",
                                  "server.proxy-protocol=true", "tls.proxy-protocol=true"});
        CPPUNIT_ASSERT(loaded.host.edge.proxies.trusted.contains("10.1.2.3"));
        CPPUNIT_ASSERT(loaded.host.edge.proxies.header == ProxySettings::Header::Forwarded);
        CPPUNIT_ASSERT(loaded.host.edge.proxyProtocol);
        CPPUNIT_ASSERT(loaded.host.edge.tls.proxyProtocol);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TlsContextTest);
