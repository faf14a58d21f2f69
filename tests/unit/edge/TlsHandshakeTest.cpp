#include "Figures.h"
#include "TlsClient.h"

#include "trust/TlsContext.h"

#include <cppunit/extensions/HelperMacros.h>

#include <openssl/ssl.h>

#include <stdexcept>
#include <thread>

using namespace playhouse;
using namespace playhouse::host;

/// How TLS begins, with a client of OpenSSL, and what becomes of those with whom it does not.
class TlsHandshakeTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TlsHandshakeTest);
    CPPUNIT_TEST(speaksTls12And13);
    CPPUNIT_TEST(choosesHttp11);
    CPPUNIT_TEST(refusesAClientThatSpeaksHttp2Alone);
    CPPUNIT_TEST(resumesByTicket);
    CPPUNIT_TEST(doesNotRenegotiate);
    CPPUNIT_TEST(handshakeThatDoesNotComeIsCutOff);
    CPPUNIT_TEST(clearHttpGets400);
    CPPUNIT_TEST(garbageIsClosed);
    CPPUNIT_TEST(tlsOnTheClearPortGets400);
    CPPUNIT_TEST(newConnectionsGetTheRenewedCertificate);
    CPPUNIT_TEST(handshakesThatFailAreCounted);
    CPPUNIT_TEST_SUITE_END();

    Certificates certificates_;
    Certificates::Files files_ = certificates_.make("localhost");

    TlsOffer offer() const { return {.trust = files_.certificate}; }

    std::string problemOf(std::uint16_t port, const TlsOffer& made) const {
        try {
            const TlsClient client(port, made);
        } catch (const std::runtime_error& problem) {
            return problem.what();
        }
        return {};
    }

    void speaksTls12And13() {
        TestServer server({route(Method::Get, "/", say("hi"))}, overTls(files_));
        for (const auto& [version, name] :
             {std::pair(TLS1_2_VERSION, "TLSv1.2"), std::pair(TLS1_3_VERSION, "TLSv1.3")}) {
            auto made = offer();
            made.version = version;
            TlsClient client(server.server.tlsPort(), made);
            client.get("/");
            CPPUNIT_ASSERT_EQUAL(std::string("hi"), client.body());
            CPPUNIT_ASSERT_EQUAL(std::string(name), client.version());
        }
        auto next = overTls(files_);
        next.tls.context =
            std::make_shared<const TlsContext>(files_.certificate, files_.key, TlsContext::Version::Tls13);
        TestServer strict({route(Method::Get, "/", say("hi"))}, next);
        auto made = offer();
        made.version = TLS1_2_VERSION;
        const auto problem = problemOf(strict.server.tlsPort(), made);
        CPPUNIT_ASSERT_MESSAGE(problem, problem.find("protocol version") != std::string::npos);
    }

    void choosesHttp11() {
        TestServer server({}, overTls(files_));
        auto made = offer();
        made.protocols = {"h2", "http/1.1"};
        CPPUNIT_ASSERT_EQUAL(std::string("http/1.1"), TlsClient(server.server.tlsPort(), made).protocol());
    }

    void refusesAClientThatSpeaksHttp2Alone() {
        TestServer server({}, overTls(files_));
        auto made = offer();
        made.protocols = {"h2"};
        const auto problem = problemOf(server.server.tlsPort(), made);
        CPPUNIT_ASSERT_MESSAGE(problem, problem.find("no application protocol") != std::string::npos);
    }

    void resumesByTicket() {
        TestServer server({route(Method::Get, "/", say("hi"))}, overTls(files_));
        for (const auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            auto made = offer();
            made.version = version;
            TlsClient first(server.server.tlsPort(), made);
            first.get("/");
            CPPUNIT_ASSERT_EQUAL(std::string("hi"), first.body());
            CPPUNIT_ASSERT(!first.isResumed());
            made.session = first.session();
            CPPUNIT_ASSERT(made.session);
            TlsClient second(server.server.tlsPort(), made);
            second.get("/");
            CPPUNIT_ASSERT_EQUAL(std::string("hi"), second.body());
            CPPUNIT_ASSERT(second.isResumed());
        }
    }

    void doesNotRenegotiate() {
        TestServer server({route(Method::Get, "/", say("hi"))}, overTls(files_));
        auto made = offer();
        made.version = TLS1_2_VERSION;
        TlsClient client(server.server.tlsPort(), made);
        CPPUNIT_ASSERT(!client.renegotiates());
    }

    void handshakeThatDoesNotComeIsCutOff() {
        EdgeSettings settings;
        settings.headerTimeout = std::chrono::milliseconds(50);
        TestServer server({}, overTls(files_, settings));
        RawClient silent(server.server.tlsPort());
        CPPUNIT_ASSERT(silent.isClosed());
        RawClient begun(server.server.tlsPort());
        begun.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
        CPPUNIT_ASSERT(begun.isClosed());
    }

    void clearHttpGets400() {
        TestServer server({}, overTls(files_));
        RawClient client(server.server.tlsPort());
        const auto answer = client.get("/");
        CPPUNIT_ASSERT_EQUAL(400, answer.status);
        CPPUNIT_ASSERT(answer.body.find("https://") != std::string::npos);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void garbageIsClosed() {
        TestServer server({}, overTls(files_));
        RawClient client(server.server.tlsPort());
        client.send(std::string(100, '\0'));
        // An alert may come before.
        try {
            client.receive();
            CPPUNIT_FAIL("answered");
        } catch (const std::runtime_error&) {
        }
    }

    void tlsOnTheClearPortGets400() {
        TestServer server({}, overTls(files_));
        RawClient client(server.port());
        client.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
        CPPUNIT_ASSERT_EQUAL(400, client.receive().status);
    }

    void newConnectionsGetTheRenewedCertificate() {
        TestServer server({route(Method::Get, "/", say("hi"))}, overTls(files_));
        const auto port = server.server.tlsPort();
        TlsClient before(port, offer());
        const auto renewed = certificates_.make("renewed");
        server.server.reconfigure(overTls(renewed));
        const TlsOffer next{.trust = renewed.certificate};
        // Each loop takes it over when it comes to it.
        while (!problemOf(port, next).empty()) std::this_thread::yield();
        before.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), before.body());
    }

    /// By what a client may do wrong; not those who connect and say nothing, as checks of load balancers do.
    void handshakesThatFailAreCounted() {
        TestServer server({route(Method::Get, "/", say("hi"))}, overTls(files_));
        const auto port = server.server.tlsPort();
        const auto failed = [&] { return figureOf(server.registry, "playhouse_tls_handshakes_failed_total"); };
        TlsClient good(port, offer());
        good.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), good.body());
        { const RawClient silent(port); }
        const std::string hello("\x16\x03\x01\x02\x00\x01", 6);
        int count = 0;
        for (const auto& bytes : {std::string(100, '\0'), std::string("GET / HTTP/1.1\r\n\r\n"), hello}) {
            RawClient client(port);
            client.send(bytes);
            client.endSending();
            while (!client.isClosed()) client.take(1);
            ++count;
            while (failed() < count) std::this_thread::yield();
        }
        auto stranger = offer();
        stranger.trust = certificates_.make("stranger").certificate;
        CPPUNIT_ASSERT(!problemOf(port, stranger).empty());
        ++count;
        while (failed() < count) std::this_thread::yield();
        CPPUNIT_ASSERT(server.server.drain(std::chrono::seconds(30)));
        CPPUNIT_ASSERT_EQUAL(static_cast<double>(count), failed());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TlsHandshakeTest);
