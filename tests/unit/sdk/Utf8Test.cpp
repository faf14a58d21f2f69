#include <playhouse/Utf8.h>

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace playhouse;

class Utf8Test : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(Utf8Test);
    CPPUNIT_TEST(keepsWhatIsUtf8);
    CPPUNIT_TEST(replacesEveryOtherByte);
    CPPUNIT_TEST_SUITE_END();

    static std::string replaced(int times) {
        std::string text;
        for (int time = 0; time < times; ++time) text += "\xef\xbf\xbd";
        return text;
    }

public:
    void keepsWhatIsUtf8() {
        for (const std::string text : {"", "plain", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xed\x9f\xbf",
                                       "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
            CPPUNIT_ASSERT_EQUAL(text, asUtf8(text));
    }

    void replacesEveryOtherByte() {
        CPPUNIT_ASSERT_EQUAL("a" + replaced(1) + "b", asUtf8("a\xff"
                                                             "b"));
        CPPUNIT_ASSERT_EQUAL(replaced(1), asUtf8("\xc3"));
        CPPUNIT_ASSERT_EQUAL(replaced(2), asUtf8("\xc0\x80"));          // a longer form of NUL
        CPPUNIT_ASSERT_EQUAL(replaced(3), asUtf8("\xed\xa0\x80"));      // a surrogate
        CPPUNIT_ASSERT_EQUAL(replaced(4), asUtf8("\xf4\x90\x80\x80"));  // above U+10FFFF
        CPPUNIT_ASSERT_EQUAL("\xe2\x82\xac" + replaced(2), asUtf8("\xe2\x82\xac\xe2\x82"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(Utf8Test);
