#include <playhouse/ApiError.h>
#include <playhouse/Request.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/object.hpp>

#include <stdexcept>
#include <string>

using playhouse::ApiError;
using playhouse::percentDecoded;
using playhouse::Request;
using playhouse::RequestParts;

namespace {

Request requestFor(std::string target) {
    RequestParts parts;
    parts.target = std::move(target);
    return Request(std::move(parts));
}

Request requestWithBody(std::string body, std::string_view contentType) {
    RequestParts parts;
    parts.body = std::move(body);
    if (!contentType.empty()) parts.headers.add("Content-Type", contentType);
    return Request(std::move(parts));
}

template <class Action>
ApiError refusalOf(Action action) {
    try {
        action();
    } catch (const ApiError& error) {
        return error;
    }
    CPPUNIT_FAIL("it was not refused");
    throw std::logic_error("unreachable");
}

}  // namespace

class RequestTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RequestTest);
    CPPUNIT_TEST(decodesPercentEncoding);
    CPPUNIT_TEST(refusesBrokenPercentEncoding);
    CPPUNIT_TEST(plusIsASpaceInQueriesAlone);
    CPPUNIT_TEST(findsQueryParameters);
    CPPUNIT_TEST(takesTheFirstOfSeveral);
    CPPUNIT_TEST(tellsAnEmptyParameterFromAnAbsentOne);
    CPPUNIT_TEST(refusesABrokenQueryParameterByName);
    CPPUNIT_TEST(readsWholeNumbersWithinTheirBounds);
    CPPUNIT_TEST(refusesOtherNumbersByName);
    CPPUNIT_TEST(pathParameterOfAnotherPatternIsALogicError);
    CPPUNIT_TEST(readsJson);
    CPPUNIT_TEST(refusesABodyThatIsNotJson);
    CPPUNIT_TEST(refusesJsonNestedWithoutEnd);
    CPPUNIT_TEST_SUITE_END();

public:
    void decodesPercentEncoding() {
        CPPUNIT_ASSERT(percentDecoded("a%20b%2Fc%c3%A9") == "a b/c\xc3\xa9");
        CPPUNIT_ASSERT(percentDecoded("%41") == "A");
        CPPUNIT_ASSERT(percentDecoded("") == "");
    }

    void refusesBrokenPercentEncoding() {
        for (const auto* text : {"%", "%4", "a%", "%zz", "%4g"}) CPPUNIT_ASSERT(!percentDecoded(text));
    }

    void plusIsASpaceInQueriesAlone() {
        CPPUNIT_ASSERT(percentDecoded("a+b") == "a+b");
        CPPUNIT_ASSERT(percentDecoded("a+b", true) == "a b");
        CPPUNIT_ASSERT(requestFor("/?q=a+b%2B").query("q") == "a b+");
    }

    void findsQueryParameters() {
        const auto request = requestFor("/stream?container=fmp4&maxHeight=720&na%6De=x");
        CPPUNIT_ASSERT(request.queryString() == "container=fmp4&maxHeight=720&na%6De=x");
        CPPUNIT_ASSERT(request.query("container") == "fmp4");
        CPPUNIT_ASSERT(request.query("name") == "x");
        CPPUNIT_ASSERT(!request.query("height"));
        CPPUNIT_ASSERT(requestFor("/stream").queryString().empty());
    }

    void takesTheFirstOfSeveral() { CPPUNIT_ASSERT(requestFor("/?a=1&a=2").query("a") == "1"); }

    void tellsAnEmptyParameterFromAnAbsentOne() {
        const auto request = requestFor("/?a&b=&&c=x");
        CPPUNIT_ASSERT(request.query("a") == "");
        CPPUNIT_ASSERT(request.query("b") == "");
        CPPUNIT_ASSERT(request.query("c") == "x");
        CPPUNIT_ASSERT(!request.query("d"));
    }

    void refusesABrokenQueryParameterByName() {
        const auto refusal = refusalOf([] { requestFor("/?q=%zz").query("q"); });
        CPPUNIT_ASSERT_EQUAL(400, refusal.status());
        CPPUNIT_ASSERT_EQUAL(std::string("INVALID_PARAMETER"), refusal.code());
        CPPUNIT_ASSERT(refusal.details().at("parameter") == "q");
    }

    void readsWholeNumbersWithinTheirBounds() {
        const auto request = requestFor("/?n=-5&m=10");
        CPPUNIT_ASSERT(request.queryInteger("n", -5, 10) == -5);
        CPPUNIT_ASSERT(request.queryInteger("m", -5, 10) == 10);
        CPPUNIT_ASSERT(!request.queryInteger("o", 0, 1));
    }

    void refusesOtherNumbersByName() {
        for (const auto* text : {"11", "-6", "x", "", "1.5", "5x", "99999999999999999999"}) {
            const auto refusal =
                refusalOf([&] { requestFor(std::string("/?limit=") + text).queryInteger("limit", -5, 10); });
            CPPUNIT_ASSERT_EQUAL(std::string("INVALID_PARAMETER"), refusal.code());
            const std::string message = refusal.what();
            CPPUNIT_ASSERT_MESSAGE(message, message.find("\"limit\"") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(message, message.find("from -5 to 10") != std::string::npos);
        }
    }

    void pathParameterOfAnotherPatternIsALogicError() {
        RequestParts parts;
        parts.pathParameters.emplace_back("videoId", "demo");
        const Request request(std::move(parts));
        CPPUNIT_ASSERT_EQUAL(std::string("demo"), request.pathParameter("videoId"));
        CPPUNIT_ASSERT_THROW(request.pathParameter("id"), std::logic_error);
    }

    void readsJson() {
        const std::string body = R"({"a": [1, 2]})";
        for (const auto* type : {"application/json", "Application/JSON; charset=utf-8", "application/problem+json", ""})
            CPPUNIT_ASSERT(requestWithBody(body, type).json().at("a").at(1) == 2);
    }

    void refusesABodyThatIsNotJson() {
        CPPUNIT_ASSERT_EQUAL(415, refusalOf([] { requestWithBody("{}", "text/plain").json(); }).status());
        CPPUNIT_ASSERT_EQUAL(415, refusalOf([] { requestWithBody("{}", "application/jsonx").json(); }).status());
        for (const auto* body : {"", "{", "{} {}", "nul"})
            CPPUNIT_ASSERT_EQUAL(std::string("INVALID_JSON"),
                                 refusalOf([&] { requestWithBody(body, "application/json").json(); }).code());
    }

    void refusesJsonNestedWithoutEnd() {
        const auto twice = refusalOf([] { requestWithBody(R"({"a": {"b": 1, "b": 2}})", "application/json").json(); });
        CPPUNIT_ASSERT_EQUAL(std::string("INVALID_JSON"), twice.code());
        CPPUNIT_ASSERT_EQUAL(std::string("The body is not valid JSON: the member \"b\" comes twice in an object."),
                             std::string(twice.what()));
        const auto refusal = refusalOf([] { requestWithBody(std::string(100'000, '['), "application/json").json(); });
        CPPUNIT_ASSERT_EQUAL(std::string("INVALID_JSON"), refusal.code());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RequestTest);
