#include "LanguageName.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

class LanguageNameTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LanguageNameTest);
    CPPUNIT_TEST(languagesAreCalledAsTheyCallThemselves);
    CPPUNIT_TEST(unknownLanguagesKeepTheirTag);
    CPPUNIT_TEST(tagsAreTold);
    CPPUNIT_TEST_SUITE_END();

public:
    void languagesAreCalledAsTheyCallThemselves() {
        CPPUNIT_ASSERT_EQUAL(std::string("English"), languageName("en"));
        CPPUNIT_ASSERT_EQUAL(std::string("Português (BR)"), languageName("pt-BR"));
    }

    void unknownLanguagesKeepTheirTag() { CPPUNIT_ASSERT_EQUAL(std::string("tlh-Latn"), languageName("tlh-Latn")); }

    void tagsAreTold() {
        CPPUNIT_ASSERT(isLanguageTag("en"));
        CPPUNIT_ASSERT(isLanguageTag("zh-Hant-TW"));
        CPPUNIT_ASSERT(isLanguageTag("es-419"));
        for (const auto* broken : {"", "e", "en-", "-en", "en\"", "en us", "42", "toolongatag"})
            CPPUNIT_ASSERT_MESSAGE(broken, !isLanguageTag(broken));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LanguageNameTest);

}  // namespace playhouse::streaming
