#include "Fields.h"

#include <playhouse/ApiError.h>

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace playhouse::auth {

class FieldsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FieldsTest);
    CPPUNIT_TEST(fieldsAreReadAsTheyAre);
    CPPUNIT_TEST(eachProblemNamesItsFieldAndCode);
    CPPUNIT_TEST(fieldsNobodyAskedForAreRefused);
    CPPUNIT_TEST(manyUnknownFieldsAreToldShortly);
    CPPUNIT_TEST(bodiesThatAreNoObjectAreRefused);
    CPPUNIT_TEST(fieldNamedTwiceIsRefusedAtAnyDepth);
    CPPUNIT_TEST(deepBodiesAreRefused);
    CPPUNIT_TEST_SUITE_END();

    static Fields fieldsOf(std::string body) {
        RequestParts parts;
        parts.body = std::move(body);
        return Fields(Request(std::move(parts)));
    }

    /// "email:REQUIRED name:TYPE".
    static std::string problems(Fields& fields) {
        try {
            fields.check();
        } catch (const ApiError& error) {
            CPPUNIT_ASSERT_EQUAL(400, error.status());
            CPPUNIT_ASSERT_EQUAL(std::string("INVALID_FIELDS"), error.code());
            std::string all;
            for (const auto& one : error.details().at("fields").as_array()) {
                CPPUNIT_ASSERT(!one.at("message").as_string().empty());
                all += (all.empty() ? "" : " ") + std::string(one.at("field").as_string().c_str()) + ":" +
                       one.at("code").as_string().c_str();
            }
            return all;
        }
        return {};
    }

    static std::string problemOfText(const std::string& json) {
        auto fields = fieldsOf("{\"a\":" + json + "}");
        CPPUNIT_ASSERT_EQUAL(std::string(), fields.text("a", 2, 5));
        CPPUNIT_ASSERT(!fields.isGood());
        return problems(fields);
    }

    void fieldsAreReadAsTheyAre() {
        auto fields = fieldsOf(R"({"a": " Größe ", "c": "tv"})");
        CPPUNIT_ASSERT_EQUAL(std::string(" Größe "), fields.text("a", 1, 9));
        CPPUNIT_ASSERT(!fields.optionalText("b", 1, 9));
        CPPUNIT_ASSERT(!fields.optionalChoice("d", {"tv"}));
        CPPUNIT_ASSERT_EQUAL(std::string("tv"), fields.optionalChoice("c", {"phone", "tv"}).value());
        CPPUNIT_ASSERT_EQUAL(std::string(), problems(fields));
    }

    void eachProblemNamesItsFieldAndCode() {
        for (const auto* json : {"1", "null", "true", "[\"ab\"]", "{\"$ne\":\"\"}"})
            CPPUNIT_ASSERT_EQUAL(std::string("a:TYPE"), problemOfText(json));
        CPPUNIT_ASSERT_EQUAL(std::string("a:TOO_SHORT"), problemOfText("\"x\""));
        CPPUNIT_ASSERT_EQUAL(std::string("a:TOO_LONG"), problemOfText("\"xxxxxx\""));
        for (const auto* json : {R"("a\u0000b")", R"("a\r\nb")", R"("a\u007f")", R"("a\u0085")"})
            CPPUNIT_ASSERT_EQUAL(std::string("a:FORMAT"), problemOfText(json));
        auto fields = fieldsOf(R"({"kind": "boat", "other": 1})");
        fields.text("email", 1, 9);
        fields.optionalChoice("kind", {"tv"});
        fields.optionalChoice("other", {"tv"});
        CPPUNIT_ASSERT_EQUAL(std::string("email:REQUIRED kind:FORMAT other:TYPE"), problems(fields));
    }

    void fieldsNobodyAskedForAreRefused() {
        auto fields = fieldsOf(R"({"email": "a", "role": "admin", "constructor": {}})");
        fields.text("email", 1, 9);
        CPPUNIT_ASSERT(fields.isGood());
        CPPUNIT_ASSERT_EQUAL(std::string("role:UNKNOWN constructor:UNKNOWN"), problems(fields));
    }

    void manyUnknownFieldsAreToldShortly() {
        std::string body = "{\"" + std::string(5000, 'x') + "\":0";
        for (int number = 0; number < 1000; ++number) body += ",\"f" + std::to_string(number) + "\":0";
        auto fields = fieldsOf(body + "}");
        CPPUNIT_ASSERT(problems(fields).size() < 1000);
    }

    static void invalid(const std::string& body) {
        try {
            fieldsOf(body);
        } catch (const ApiError& error) {
            CPPUNIT_ASSERT_EQUAL(400, error.status());
            CPPUNIT_ASSERT_EQUAL(std::string("INVALID_JSON"), error.code());
            return;
        }
        CPPUNIT_FAIL("taken: " + body.substr(0, 50));
    }

    void bodiesThatAreNoObjectAreRefused() {
        for (const auto* body : {"", "[]", "\"a\"", "1", "null", "{", "{}{}", "{\"a\":\"\xff\"}", "{\"\xc0\xaf\":1}",
                                 R"({"a":"\ud800"})", "{'a':1}", "{\"a\":\"\x01\"}"})
            invalid(body);
    }

    void fieldNamedTwiceIsRefusedAtAnyDepth() {
        invalid(R"({"email":"a","email":"b"})");
        invalid(R"({"email":"a","\u0065mail":"b"})");
        invalid(R"({"a":[{"b":1,"b":2}]})");
        fieldsOf(R"({"a":{"b":1},"b":2})");
    }

    void deepBodiesAreRefused() {
        invalid("{\"a\":" + std::string(10000, '[') + std::string(10000, ']') + "}");
        std::string objects;
        for (int depth = 0; depth < 10000; ++depth) objects += "{\"a\":";
        invalid(objects + "1" + std::string(10000, '}'));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FieldsTest);

}  // namespace playhouse::auth
