#include "Language.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::streaming;

class LanguageTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LanguageTest);
    CPPUNIT_TEST(codesBecomeTheShortestTag);
    CPPUNIT_TEST(tagsBecomeTerminologicCodes);
    CPPUNIT_TEST_SUITE_END();

public:
    void codesBecomeTheShortestTag() {
        CPPUNIT_ASSERT_EQUAL(std::string("en"), languageTag("eng"));
        CPPUNIT_ASSERT_EQUAL(std::string("nl"), languageTag("nld"));
        CPPUNIT_ASSERT_EQUAL(std::string("de"), languageTag("ger"));
        CPPUNIT_ASSERT_EQUAL(std::string("de"), languageTag("deu"));
        CPPUNIT_ASSERT_EQUAL(std::string("gsw"), languageTag("gsw"));
        CPPUNIT_ASSERT_EQUAL(std::string("und"), languageTag("und"));
        CPPUNIT_ASSERT_EQUAL(std::string("und"), languageTag("```"));
        CPPUNIT_ASSERT_EQUAL(std::string("und"), languageTag(""));
    }

    void tagsBecomeTerminologicCodes() {
        CPPUNIT_ASSERT_EQUAL(std::string("eng"), languageCode("en-GB"));
        CPPUNIT_ASSERT_EQUAL(std::string("deu"), languageCode("de"));
        CPPUNIT_ASSERT_EQUAL(std::string("gsw"), languageCode("gsw"));
        CPPUNIT_ASSERT_EQUAL(std::string("und"), languageCode("x-private"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LanguageTest);
