#include <playhouse/Sql.h>

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <stdexcept>
#include <string>

using namespace playhouse;
using namespace std::chrono_literals;

class SqlTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SqlTest);
    CPPUNIT_TEST(timesAreWrittenInUtcToTheMicrosecond);
    CPPUNIT_TEST(timesComeBackWithFewerDigitsToo);
    CPPUNIT_TEST(otherTextsAreNoTimes);
    CPPUNIT_TEST(uuidsAreRandomAndOfVersionFour);
    CPPUNIT_TEST(otherTextsAreNoUuids);
    CPPUNIT_TEST(aDuplicateIsKnownByEitherName);
    CPPUNIT_TEST(aResultHasWholeRows);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::chrono::sys_days day = std::chrono::year(2026) / 1 / 31;

public:
    void timesAreWrittenInUtcToTheMicrosecond() {
        CPPUNIT_ASSERT_EQUAL(std::string("2026-01-31 23:59:59.000250"), sqlTime(day + 23h + 59min + 59s + 250us));
        CPPUNIT_ASSERT_EQUAL(std::string("1969-12-31 23:59:59.999999"),
                             sqlTime(std::chrono::system_clock::time_point(-1us)));
    }

    void timesComeBackWithFewerDigitsToo() {
        CPPUNIT_ASSERT(timeOfSql("2026-01-31 23:59:59.000250") == day + 23h + 59min + 59s + 250us);
        CPPUNIT_ASSERT(timeOfSql("2026-01-31 00:00:00.5") == day + 500ms);
        CPPUNIT_ASSERT(timeOfSql("2026-01-31 00:00:01") == day + 1s);
        CPPUNIT_ASSERT(timeOfSql("2026-01-31 00:00:01+00") == day + 1s);
        CPPUNIT_ASSERT(timeOfSql(sqlTime(std::chrono::system_clock::time_point(-1us))) ==
                       std::chrono::system_clock::time_point(-1us));
    }

    void otherTextsAreNoTimes() {
        for (const auto* text :
             {"", "2026-01-31", "2026-02-30 00:00:00", "2026-01-31T00:00:00", "2026-01-31 24:00:00",
              "2026-01-31 00:00:00.", "2026-01-31 00:00:00.1234567", "2026-01-31 00:00:00+01", "2026-01-31 00:00:0x"})
            CPPUNIT_ASSERT_THROW(timeOfSql(text), std::invalid_argument);
    }

    void uuidsAreRandomAndOfVersionFour() {
        const auto one = uuidText();
        CPPUNIT_ASSERT(isUuid(one));
        CPPUNIT_ASSERT_EQUAL('4', one[14]);
        CPPUNIT_ASSERT(std::string("89ab").find(one[19]) != std::string::npos);
        CPPUNIT_ASSERT(one != uuidText());
    }

    void otherTextsAreNoUuids() {
        CPPUNIT_ASSERT(isUuid("F81D4FAE-7DEC-41D0-A765-00A0C91E6BF6"));
        for (const auto* text : {"", "f81d4fae7dec41d0a76500a0c91e6bf6", "f81d4fae-7dec-41d0-a765-00a0c91e6bfg",
                                 "{f81d4fae-7dec-41d0-a765-00a0c91e6bf}", "f81d4fae-7dec-41d0-a765-00a0c91e6bf6 "})
            CPPUNIT_ASSERT(!isUuid(text));
    }

    void aDuplicateIsKnownByEitherName() {
        CPPUNIT_ASSERT(SqlError(SqlError::Kind::Unique, "", "users.email").isDuplicate("users", "email"));
        CPPUNIT_ASSERT(SqlError(SqlError::Kind::Unique, "", "users_email_key").isDuplicate("users", "email"));
        CPPUNIT_ASSERT(!SqlError(SqlError::Kind::Unique, "", "users_email_key").isDuplicate("users", "name"));
        CPPUNIT_ASSERT(!SqlError(SqlError::Kind::Unique, "", "users_email").isDuplicate("users", "email"));
        CPPUNIT_ASSERT(!SqlError(SqlError::Kind::Check, "", "users.email").isDuplicate("users", "email"));
    }

    void aResultHasWholeRows() {
        CPPUNIT_ASSERT_THROW(SqlResult({"a", "b"}, {std::int64_t{1}}, 0), std::invalid_argument);
        CPPUNIT_ASSERT(SqlResult().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqlTest);
