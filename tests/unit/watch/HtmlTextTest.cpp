#include "HtmlText.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace playhouse::watch {

class HtmlTextTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HtmlTextTest);
    CPPUNIT_TEST(markupBecomesText);
    CPPUNIT_TEST(bothQuotesAreEscaped);
    CPPUNIT_TEST(otherTextStaysAsItIs);
    CPPUNIT_TEST_SUITE_END();

    void markupBecomesText() {
        CPPUNIT_ASSERT_EQUAL(std::string("&lt;script&gt;a &amp;&amp; b&lt;/script&gt;"),
                             escapedHtml("<script>a && b</script>"));
    }

    void bothQuotesAreEscaped() {
        CPPUNIT_ASSERT_EQUAL(std::string("&quot; onload=&#39;x&#39;"), escapedHtml("\" onload='x'"));
    }

    void otherTextStaysAsItIs() {
        CPPUNIT_ASSERT_EQUAL(std::string("Größe · 映画 100%\n"), escapedHtml("Größe · 映画 100%\n"));
        CPPUNIT_ASSERT_EQUAL(std::string(), escapedHtml(""));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HtmlTextTest);

}  // namespace playhouse::watch
