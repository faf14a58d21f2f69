#include "configuration/DatabaseUrl.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <stdexcept>
#include <string>

using playhouse::SqlDialect;
using playhouse::host::databaseOf;
using playhouse::host::describe;

class DatabaseUrlTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DatabaseUrlTest);
    CPPUNIT_TEST(anEmptyOneIsAFileInTheStorage);
    CPPUNIT_TEST(aFileIsNamedByItsPath);
    CPPUNIT_TEST(postgresTakesAllParts);
    CPPUNIT_TEST(postgresNeedsNoPart);
    CPPUNIT_TEST(partsAreDecoded);
    CPPUNIT_TEST(parametersOfTlsGoToLibpq);
    CPPUNIT_TEST(severalHostsAndAddressesAreTaken);
    CPPUNIT_TEST(malformedOnesSayWhyAndShowNoPassword);
    CPPUNIT_TEST(aDescriptionHoldsNoPassword);
    CPPUNIT_TEST_SUITE_END();

    using Parameters = std::map<std::string, std::string>;

    static Parameters parametersOf(const std::string& url) { return databaseOf(url, "/srv").parameters; }

    static std::string refusalOf(const std::string& url) {
        try {
            databaseOf(url, "/srv");
        } catch (const std::invalid_argument& refusal) {
            return refusal.what();
        }
        return "not refused";
    }

public:
    void anEmptyOneIsAFileInTheStorage() {
        const auto database = databaseOf("", "/srv");
        CPPUNIT_ASSERT(database.dialect == SqlDialect::SQLite);
        CPPUNIT_ASSERT_EQUAL(std::string("/srv/playhouse.db"), database.file.string());
    }

    void aFileIsNamedByItsPath() {
        CPPUNIT_ASSERT_EQUAL(std::string("/var/lib/my house.db"),
                             databaseOf("sqlite:///var/lib/my%20house.db", "/srv").file.string());
        CPPUNIT_ASSERT_EQUAL(std::string("/srv/own.db"), databaseOf("sqlite:own.db", "/srv").file.string());
    }

    void postgresTakesAllParts() {
        const Parameters expected{
            {"user", "ann"}, {"password", "secret"}, {"host", "db"}, {"port", "5433"}, {"dbname", "app"}};
        CPPUNIT_ASSERT(expected == parametersOf("postgresql://ann:secret@db:5433/app"));
        CPPUNIT_ASSERT(expected == parametersOf("postgres://ann:secret@db:5433/app"));
        CPPUNIT_ASSERT(databaseOf("POSTGRES://db", "/").dialect == SqlDialect::PostgreSQL);
    }

    void postgresNeedsNoPart() {
        CPPUNIT_ASSERT(parametersOf("postgresql://").empty());
        CPPUNIT_ASSERT((Parameters{{"dbname", "app"}, {"host", "/run/postgresql"}}) ==
                       parametersOf("postgresql:///app?host=/run/postgresql"));
    }

    void partsAreDecoded() {
        const auto parameters = parametersOf("postgres://a%40b:p%3Aw%2F%25'\\@db/x%2Dy");
        CPPUNIT_ASSERT_EQUAL(std::string("a@b"), parameters.at("user"));
        CPPUNIT_ASSERT_EQUAL(std::string("p:w/%'\\"), parameters.at("password"));
        CPPUNIT_ASSERT_EQUAL(std::string("x-y"), parameters.at("dbname"));
    }

    void parametersOfTlsGoToLibpq() {
        const auto parameters =
            parametersOf("postgres://db/app?sslmode=verify-full&sslrootcert=/etc/ca.pem&sslcert=/c.pem&sslkey=/k.pem");
        CPPUNIT_ASSERT_EQUAL(std::string("verify-full"), parameters.at("sslmode"));
        CPPUNIT_ASSERT_EQUAL(std::string("/etc/ca.pem"), parameters.at("sslrootcert"));
        CPPUNIT_ASSERT_EQUAL(std::string("/k.pem"), parameters.at("sslkey"));
    }

    void severalHostsAndAddressesAreTaken() {
        const auto two = parametersOf("postgres://one:5001,two/app?target_session_attrs=read-write");
        CPPUNIT_ASSERT_EQUAL(std::string("one,two"), two.at("host"));
        CPPUNIT_ASSERT_EQUAL(std::string("5001,5432"), two.at("port"));
        CPPUNIT_ASSERT_EQUAL(std::string("::1"), parametersOf("postgres://[::1]:5001/app").at("host"));
        const auto addresses = parametersOf("postgres://u:p@[fd00::1],[fd00::2]:5001,three:5003/app");
        CPPUNIT_ASSERT_EQUAL(std::string("fd00::1,fd00::2,three"), addresses.at("host"));
        CPPUNIT_ASSERT_EQUAL(std::string("5432,5001,5003"), addresses.at("port"));
    }

    void malformedOnesSayWhyAndShowNoPassword() {
        for (const auto& [url, why] :
             Parameters{{"mysql://hush@db", "must begin with"},
                        {"postgresql:db", "must begin with"},
                        {"/var/lib/own.db", "must begin with"},
                        {"sqlite://own.db", "third slash"},
                        {"sqlite:///", "names no file"},
                        {"sqlite::memory:", "outlive"},
                        {"sqlite:///a.db?mode=ro", "no parameters"},
                        {"postgres://u:hush@db:99999/x", "port is no number"},
                        {"postgres://u:hush@db:x/x", "port is no number"},
                        {"postgres://u:hu%zzsh@db/x", "in its password two hexadecimal digits"},
                        {"postgres://u:hu%00sh@db/x", "not 00"},
                        {"postgres://u:hu%20sh@db/x", "its password holds a space"},
                        {"postgres://u:hush#1@db/x", "%23"},
                        {"postgres://u:hush/1@db/x", "%2F"},
                        {"postgres://[::1/x", "does not end with ]"},
                        {"postgres://::1/x", "stands in [ ]"},
                        {"postgres://db/x?sslmod=require", "did you mean \"sslmode\"?"},
                        {"postgres://db/x?sslmode", "has no value"},
                        {"postgres://db/x?sslmode=bogus", "its sslmode is none of disable, allow, prefer"},
                        {"postgres://db/x?sslmode=verify_full", "did you mean \"verify-full\"?"},
                        {"postgres://db/x?target_session_attrs=rw", "none of any, read-write"},
                        {"postgres://db/x?connect_timeout=0", "connect_timeout is no whole number"},
                        {"postgres://db/x?connect_timeout=abc", "seconds from 1 to 15"},
                        {"postgres://db/x?connect_timeout=-1", "seconds from 1 to 15"},
                        {"postgres://db/x?connect_timeout=3600", "seconds from 1 to 15"},
                        {"postgres://u:hush?x@db/x", "a ? in a password is written %3F"},
                        {"postgres://u:a?hush@db/x", "a ? in a password is written %3F"},
                        {"postgres://db/x?password=a&hush", "parameter number 2 is none of PostgreSQL's"},
                        {"postgres://[::1],[::2/x", "does not end with ]"},
                        {"postgres://[::1],::2/x", "stands in [ ]"},
                        {"postgres://one,/x", "has no name"},
                        {"postgres://u:hush@db/x?password=hush", "gives the password twice"}}) {
            const auto told = refusalOf(url);
            CPPUNIT_ASSERT_MESSAGE(url + ": " + told, told.find(why) != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(told, told.find("hush") == std::string::npos);
        }
    }

    void aDescriptionHoldsNoPassword() {
        CPPUNIT_ASSERT_EQUAL(std::string("PostgreSQL database app at db:5432"),
                             describe(databaseOf("postgres://ann:hush@db/app", "/")));
        CPPUNIT_ASSERT_EQUAL(std::string("SQLite file /srv/playhouse.db"), describe(databaseOf("", "/srv")));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseUrlTest);
