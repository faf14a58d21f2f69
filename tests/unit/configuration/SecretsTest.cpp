#include "configuration/Secrets.h"

#include <cppunit/extensions/HelperMacros.h>

using playhouse::host::withoutSecrets;

class SecretsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SecretsTest);
    CPPUNIT_TEST(hidesValuesWhoseNameSpeaksOfASecret);
    CPPUNIT_TEST(hidesThePasswordInAUrl);
    CPPUNIT_TEST(hidesAPasswordThatHoldsAnAt);
    CPPUNIT_TEST(hidesPasswordsAmongTheParametersOfAUrl);
    CPPUNIT_TEST(showsTheRest);
    CPPUNIT_TEST_SUITE_END();

public:
    void hidesValuesWhoseNameSpeaksOfASecret() {
        CPPUNIT_ASSERT_EQUAL(std::string("********"), withoutSecrets("JWT_SECRET", "x"));
        CPPUNIT_ASSERT_EQUAL(std::string("********"), withoutSecrets("plugin.auth.admin-password", "x"));
        CPPUNIT_ASSERT_EQUAL(std::string(), withoutSecrets("JWT_SECRET", ""));
    }

    void hidesThePasswordInAUrl() {
        CPPUNIT_ASSERT_EQUAL(std::string("postgresql://user:********@localhost:5432/video"),
                             withoutSecrets("DATABASE_URL", "postgresql://user:pass@localhost:5432/video"));
        CPPUNIT_ASSERT_EQUAL(std::string("redis://:********@localhost:6379"),
                             withoutSecrets("REDIS_URL", "redis://:pass@localhost:6379"));
    }

    void hidesAPasswordThatHoldsAnAt() {
        CPPUNIT_ASSERT_EQUAL(std::string("redis://u:********@h"), withoutSecrets("REDIS_URL", "redis://u:p@ss@h"));
    }

    void hidesPasswordsAmongTheParametersOfAUrl() {
        CPPUNIT_ASSERT_EQUAL(std::string("postgres://u:********@h/d?sslmode=require&sslpassword=********"),
                             withoutSecrets("DATABASE_URL", "postgres://u:p?x@h/d?sslmode=require&sslpassword=hush"));
        CPPUNIT_ASSERT_EQUAL(std::string("postgres:///d?pass%77ord=********&user=u%"),
                             withoutSecrets("database.url", "postgres:///d?pass%77ord=hush&user=u%"));
        CPPUNIT_ASSERT_EQUAL(std::string("postgres:///d?password=********&user=u"),
                             withoutSecrets("database.url", "postgres:///d?password=hush&user=u"));
    }

    void showsTheRest() {
        CPPUNIT_ASSERT_EQUAL(std::string("3000"), withoutSecrets("server.port", "3000"));
        CPPUNIT_ASSERT_EQUAL(std::string("redis://localhost:6379"),
                             withoutSecrets("REDIS_URL", "redis://localhost:6379"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SecretsTest);
