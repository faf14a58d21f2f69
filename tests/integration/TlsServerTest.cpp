#include "../unit/edge/Certificates.h"
#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

using playhouse::host::Certificates;

/// The program over HTTPS, asked by curl.
class TlsServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TlsServerTest);
    CPPUNIT_TEST(servesCurlAndSaysWhere);
    CPPUNIT_TEST(takesARenewedCertificateOnHangup);
    CPPUNIT_TEST(noticesARenewedCertificateByItself);
    CPPUNIT_TEST(keepsTheOldOneWhenTheNewIsBroken);
    CPPUNIT_TEST(doesNotStartWithoutItsKey);
    CPPUNIT_TEST_SUITE_END();

    const Certificates certificates_;
    const Certificates::Files files_ = certificates_.make("localhost");
    const std::string port_ = std::to_string(freePort());

    static std::uint16_t freePort() {
        const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
        ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
        ::close(probe);
        return ntohs(address.sin_port);
    }

    std::string configuration(bool watches) const {
        return "tls.port = " + port_ + "\ntls.address = 127.0.0.1\ntls.certificate = " + files_.certificate.string() +
               "\ntls.key = " + files_.key.string() + "\nconfiguration.watch = " + (watches ? "true" : "false") + "\n";
    }

    /// What curl prints when it trusts `certificate` alone; empty when it refuses.
    std::string curl(const std::filesystem::path& certificate) const {
        const auto command = "curl --silent --cacert " + certificate.string() + " https://localhost:" + port_ +
                             "/healthz --ipv4 --write-out ' %{http_code} %{http_version}'";
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> output(::popen(command.c_str(), "r"), &::pclose);
        std::string text;
        std::array<char, 512> part{};
        while (std::fgets(part.data(), part.size(), output.get())) text += part.data();
        return text.ends_with(" 200 1.1") ? text : std::string();
    }

    /// Puts the certificate made as `name` where the server's is.
    std::filesystem::path renew(const std::string& name) const {
        const auto renewed = certificates_.make(name);
        std::filesystem::copy_file(renewed.key, files_.key, std::filesystem::copy_options::overwrite_existing);
        std::filesystem::copy_file(renewed.certificate, files_.certificate,
                                   std::filesystem::copy_options::overwrite_existing);
        return renewed.certificate;
    }

public:
    void servesCurlAndSaysWhere() {
        ServerProcess server(configuration(false));
        server.start();
        const auto url = "https://127.0.0.1:" + port_ + "/";
        CPPUNIT_ASSERT_MESSAGE(server.readyLine(), server.readyLine().find(url) != std::string::npos);
        const auto status = runProgram("playhousectl", server.control({"status", "--json"})).output;
        CPPUNIT_ASSERT_MESSAGE(status, status.find("\"httpsUrl\":\"" + url + "\"") != std::string::npos);
        CPPUNIT_ASSERT(!curl(files_.certificate).empty());
        CPPUNIT_ASSERT(curl(certificates_.make("another").certificate).empty());
    }

    void takesARenewedCertificateOnHangup() {
        ServerProcess server(configuration(false));
        server.start();
        const auto renewed = renew("renewed");
        CPPUNIT_ASSERT(curl(renewed).empty());
        server.signal(SIGHUP);
        server.waitForLog("New TLS connections get the certificate");
        while (curl(renewed).empty()) {
        }
    }

    void noticesARenewedCertificateByItself() {
        ServerProcess server(configuration(true));
        server.start();
        const auto renewed = renew("renewed");
        server.waitForLog("New TLS connections get the certificate");
        while (curl(renewed).empty()) {
        }
    }

    void keepsTheOldOneWhenTheNewIsBroken() {
        ServerProcess server(configuration(false));
        server.start();
        const auto before = certificates_.path("before.pem");
        std::filesystem::copy_file(files_.certificate, before);
        std::ofstream(files_.certificate) << "half of it\n";
        server.signal(SIGHUP);
        server.waitForLog("The new configuration is refused, and the one before stays in use");
        CPPUNIT_ASSERT(server.log().find(files_.certificate.string() + " is no PEM file") != std::string::npos);
        CPPUNIT_ASSERT(!curl(before).empty());
    }

    void doesNotStartWithoutItsKey() {
        std::filesystem::remove(files_.key);
        const auto finished =
            runProgram("playhouse", {"-D", "tls.port=" + port_, "-D", "tls.certificate=" + files_.certificate.string(),
                                     "-D", "tls.key=" + files_.key.string()});
        CPPUNIT_ASSERT_EQUAL(78, finished.exitCode);
        CPPUNIT_ASSERT_MESSAGE(finished.errors,
                               finished.errors.find(files_.key.string() + " cannot be read") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TlsServerTest);
