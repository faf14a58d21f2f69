#include "DatabaseHome.h"

#include <PostgresServer.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace playhouse;
using namespace playhouse::tests;

/// TLS to PostgreSQL, as the parameters of libpq in database.url ask for it.
class PostgresTlsTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PostgresTlsTest);
    CPPUNIT_TEST(speaksTlsToOneWhoseCertificateItKnows);
    CPPUNIT_TEST(aHostThatTheCertificateDoesNotNameIsRefused);
    CPPUNIT_TEST(aCertificateThatIsNotTrustedIsRefused);
    CPPUNIT_TEST(speaksNoTlsWhereItIsSwitchedOff);
    CPPUNIT_TEST_SUITE_END();

    PostgresHome home_;
    ScratchDirectory scratch_;

    host::DatabaseSettings settings(const std::string& host, const std::string& mode,
                                    const std::filesystem::path& root) const {
        auto settings = home_.settings();
        settings.parameters["host"] = host;
        settings.parameters["sslmode"] = mode;
        settings.parameters["sslrootcert"] = root;
        return settings;
    }

    /// A busy machine may take longer for TLS than one attempt to connect may.
    static bool isEncrypted(TestDatabase& database) {
        CPPUNIT_ASSERT(eventually([&] { return answerOf([&] { database.run("SELECT 1"); }) == "none"; }));
        return database.run("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0].flag("ssl");
    }

    static void assertRefused(TestDatabase& database) {
        CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_UNAVAILABLE"), answerOf([&] { database.run("SELECT 1"); }));
        CPPUNIT_ASSERT(eventually([&] { return !database->isUp(); }));
    }

public:
    void speaksTlsToOneWhoseCertificateItKnows() {
        const auto certificate = PostgresServer::shared().enableTls();
        TestDatabase database(settings("127.0.0.1", "verify-full", certificate));
        CPPUNIT_ASSERT(isEncrypted(database));
    }

    void aHostThatTheCertificateDoesNotNameIsRefused() {
        const auto certificate = PostgresServer::shared().enableTls();
        TestDatabase database(settings("localhost", "verify-full", certificate));
        assertRefused(database);
    }

    void aCertificateThatIsNotTrustedIsRefused() {
        PostgresServer::shared().enableTls();
        const auto other = scratch_.path() / "other.crt";
        // Made for somebody else, and good in itself.
        const auto command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
            "/CN=other -keyout /dev/null -out '" +
            other.string() + "' 2>/dev/null";
        CPPUNIT_ASSERT_EQUAL(0, std::system(command.c_str()));
        TestDatabase database(settings("127.0.0.1", "verify-ca", other));
        assertRefused(database);
    }

    void speaksNoTlsWhereItIsSwitchedOff() {
        const auto certificate = PostgresServer::shared().enableTls();
        TestDatabase database(settings("127.0.0.1", "disable", certificate));
        CPPUNIT_ASSERT(!isEncrypted(database));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PostgresTlsTest);
