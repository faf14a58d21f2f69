#include "AccountRules.h"

#include <playhouse/ApiError.h>

#include <cppunit/extensions/HelperMacros.h>

#include <boost/json/serialize.hpp>

#include <string>

namespace playhouse::auth {

class AccountRulesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccountRulesTest);
    CPPUNIT_TEST(addressesAreComparedInOneForm);
    CPPUNIT_TEST(whatIsNoAddressIsRefused);
    CPPUNIT_TEST(addressKeepsHowItWasWritten);
    CPPUNIT_TEST(userNamesHaveTheirCharacters);
    CPPUNIT_TEST(namesOfTheHouseAreReserved);
    CPPUNIT_TEST(passwordsOfAnyCharactersAreGood);
    CPPUNIT_TEST(passwordsAreCountedInCharacters);
    CPPUNIT_TEST(commonPasswordsAreRefused);
    CPPUNIT_TEST(longPasswordsAreJudgedByTheirEnds);
    CPPUNIT_TEST(passwordsMadeOfTheAccountAreRefused);
    CPPUNIT_TEST_SUITE_END();

    template <class Read>
    static std::string problem(const std::string& value, Read read) {
        RequestParts parts;
        parts.body = boost::json::serialize(boost::json::object{{"it", value}});
        Fields fields{Request(parts)};
        const std::string got = read(fields);
        try {
            fields.check();
        } catch (const ApiError& error) {
            CPPUNIT_ASSERT_EQUAL(std::string(), got);
            return error.details().at("fields").at(0).at("code").as_string().c_str();
        }
        return "=" + got;
    }
    static std::string email(const std::string& value) {
        return problem(value, [](Fields& fields) { return emailField(fields, "it"); });
    }
    static std::string username(const std::string& value) {
        return problem(value, [](Fields& fields) { return usernameField(fields, "it"); });
    }
    static std::string password(const std::string& value) {
        return problem(value, [](Fields& fields) {
            return newPasswordField(fields, "it", "Marta.Kowalska@Gardenia.example", "qvzerlan4");
        });
    }

    void addressesAreComparedInOneForm() {
        CPPUNIT_ASSERT_EQUAL(std::string("ann+x@mail.example"), normalisedEmail("  Ann+X@Mail.EXAMPLE ").value());
        CPPUNIT_ASSERT_EQUAL(std::string("a@xn--bcher-kva.example"), normalisedEmail("a@Bücher.example").value());
        CPPUNIT_ASSERT_EQUAL(std::string("a@xn--bcher-kva.example"), normalisedEmail("a@BÜCHER.example").value());
        CPPUNIT_ASSERT_EQUAL(std::string("a@xn--bcher-kva.example"),
                             normalisedEmail("A@XN--bcher-KVA.example").value());
        CPPUNIT_ASSERT(normalisedEmail(std::string(64, 'a') + "@x.org"));
    }

    void whatIsNoAddressIsRefused() {
        for (const auto* text : {"",
                                 " ",
                                 "a",
                                 "a@",
                                 "@x.org",
                                 "a@localhost",
                                 "a@@x.org",
                                 "a b@x.org",
                                 ".a@x.org",
                                 "a.@x.org",
                                 "a..b@x.org",
                                 "\"a\"@x.org",
                                 "a@[192.0.2.1]",
                                 "a@192.0.2.1",
                                 "a@x..org",
                                 "a@-x.org",
                                 "a@x-.org",
                                 "a@x.org.",
                                 "a@x_y.org",
                                 "ü@x.org",
                                 "a@x.org\r\nBcc: b@x.org",
                                 "a@xn--zzzzzz9999.org",
                                 "a@\xff.org",
                                 "<a@x.org>",
                                 "a@x.org,b@x.org"})
            CPPUNIT_ASSERT_MESSAGE(text, !normalisedEmail(text));
        CPPUNIT_ASSERT(!normalisedEmail(std::string(65, 'a') + "@x.org"));
        CPPUNIT_ASSERT(!normalisedEmail("a@" + std::string(64, 'x') + ".org"));
        std::string longDomain;
        for (int label = 0; label < 4; ++label) longDomain += std::string(62, 'x') + ".";
        CPPUNIT_ASSERT(!normalisedEmail("abcd@" + longDomain + "org"));
    }

    void addressKeepsHowItWasWritten() {
        CPPUNIT_ASSERT_EQUAL(std::string("=Ann@X.org"), email(" Ann@X.org "));
        CPPUNIT_ASSERT_EQUAL(std::string("FORMAT"), email("ann"));
        CPPUNIT_ASSERT_EQUAL(std::string("TOO_LONG"), email(std::string(600, 'a')));
    }

    void userNamesHaveTheirCharacters() {
        for (const std::string good : {"ann", "A1", "a.b-c_D9"})
            CPPUNIT_ASSERT_EQUAL(good.size() < 3 ? "TOO_SHORT" : "=" + good, username(good));
        for (const auto* bad : {".ann", "ann-", "_ann", "a nn", "änn", "аnn", "a/b", "ann'--"})
            CPPUNIT_ASSERT_EQUAL(std::string("FORMAT"), username(bad));
        CPPUNIT_ASSERT_EQUAL(std::string("TOO_LONG"), username(std::string(33, 'a')));
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), normalisedUsername("ANN"));
    }

    void namesOfTheHouseAreReserved() {
        for (const auto* name : {"admin", "Root", "SUPPORT", "ad.min", "s-t-a-f-f"})
            CPPUNIT_ASSERT_EQUAL(std::string("RESERVED"), username(name));
        CPPUNIT_ASSERT_EQUAL(std::string("=admiral"), username("admiral"));
    }

    void passwordsOfAnyCharactersAreGood() {
        for (const std::string good :
             {"correct horse battery staple", "zq8Kd2mv", " Größe 映画 🎬 x", "zażółć gęślą jaźń"})
            CPPUNIT_ASSERT_EQUAL("=" + good, password(good));
    }

    void passwordsAreCountedInCharacters() {
        CPPUNIT_ASSERT_EQUAL(std::string("TOO_SHORT"), password("映画映画映画映"));
        CPPUNIT_ASSERT_EQUAL(std::string("TOO_SHORT"), password("zq8Kd2m"));
        std::string text;
        while (text.size() < 128) text += "zq8Kd2mv-Tr0ub4dor&3 ";
        text.resize(128);
        CPPUNIT_ASSERT_EQUAL("=" + text, password(text));
        CPPUNIT_ASSERT_EQUAL(std::string("TOO_LONG"), password(text + "x"));
        CPPUNIT_ASSERT_EQUAL(std::string("TOO_LONG"), password(std::string(513, 'x')));
    }

    void commonPasswordsAreRefused() {
        for (const auto* common : {"password1", "qwertyuiop", "letmein123", "iloveyou1", "12345678", "P@ssw0rd1",
                                   "PASSWORD1", "sunshine2020", "aaaaaaaaaaaaaaaa"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(common, std::string("TOO_COMMON"), password(common));
    }

    void longPasswordsAreJudgedByTheirEnds() {
        std::string endless;
        while (endless.size() < 128) endless += "12";
        CPPUNIT_ASSERT_EQUAL(std::string("TOO_COMMON"), password(endless));
        const std::string dull(60, 'a');
        CPPUNIT_ASSERT_EQUAL(std::string("TOO_COMMON"), password(dull));
        for (const auto& good : {dull + "quartz lantern ferry 71", "quartz lantern ferry 71" + dull})
            CPPUNIT_ASSERT_EQUAL("=" + good, password(good));
    }

    void passwordsMadeOfTheAccountAreRefused() {
        for (const auto* made :
             {"Marta.Kowalska", "martakowalska1", "marta.kowalska@gardenia.example", "Qvzerlan4", "qvzerlan4!"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(made, std::string("COMMON_WITH_ACCOUNT"), password(made));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccountRulesTest);

}  // namespace playhouse::auth
