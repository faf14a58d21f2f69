#include <playhouse/testing/FakeContext.h>

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

using namespace playhouse;
using namespace playhouse::testing;

class FakeRouterTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FakeRouterTest);
    CPPUNIT_TEST(literalWinsOverParameter);
    CPPUNIT_TEST(longerLiteralWinsOverShorter);
    CPPUNIT_TEST(restComesLastAndMayHoldSlashes);
    CPPUNIT_TEST(parametersAreDecodedAndNeverEmpty);
    CPPUNIT_TEST(encodedSlashStaysInItsSegment);
    CPPUNIT_TEST(dotSegmentsAreResolved);
    CPPUNIT_TEST(answersHeadFromGet);
    CPPUNIT_TEST(tellsAnUnknownPathFromAnUnknownMethod);
    CPPUNIT_TEST(makesTheEnvelopeOfAnApiError);
    CPPUNIT_TEST(otherExceptionsComeOut);
    CPPUNIT_TEST(refusesMalformedPatterns);
    CPPUNIT_TEST(refusesThePatternItHas);
    CPPUNIT_TEST(answersAtHandGoBeforeTheHandler);
    CPPUNIT_TEST(deferredHandlerAnswersLater);
    CPPUNIT_TEST(deferredHandlerSeesThatTheClientHasGone);
    CPPUNIT_TEST(droppedResponderIsAnInternalError);
    CPPUNIT_TEST_SUITE_END();

    FakeContext context_{"router"};

    /// A route whose answer is its name and its parameters.
    void route(const std::string& name, const std::string& pattern, const std::string& parameter = {}) {
        context_.router().get(pattern, [=](const Request& request) {
            return Response::text(parameter.empty() ? name : name + ":" + request.pathParameter(parameter));
        });
    }

    std::string get(const std::string& target) { return bodyText(context_.request(Method::Get, target)); }

public:
    void literalWinsOverParameter() {
        route("parameter", "/stream/{id}/list", "id");
        route("literal", "/stream/all/{what}", "what");
        CPPUNIT_ASSERT_EQUAL(std::string("literal:list"), get("/stream/all/list"));
        CPPUNIT_ASSERT_EQUAL(std::string("parameter:demo"), get("/stream/demo/list"));
    }

    void longerLiteralWinsOverShorter() {
        route("any", "/{file}", "file");
        route("segment", "/segment-{n}.ts", "n");
        route("short", "/{n}.ts", "n");
        CPPUNIT_ASSERT_EQUAL(std::string("segment:3"), get("/segment-3.ts"));
        CPPUNIT_ASSERT_EQUAL(std::string("short:part-3"), get("/part-3.ts"));
        CPPUNIT_ASSERT_EQUAL(std::string("any:segment-3.m4s"), get("/segment-3.m4s"));
    }

    void restComesLastAndMayHoldSlashes() {
        route("rest", "/cdn/{path...}", "path");
        route("one", "/cdn/{name}", "name");
        CPPUNIT_ASSERT_EQUAL(std::string("one:a"), get("/cdn/a"));
        CPPUNIT_ASSERT_EQUAL(std::string("rest:a/b/c.ts"), get("/cdn/a/b/c.ts"));
    }

    void parametersAreDecodedAndNeverEmpty() {
        route("video", "/video/{id}", "id");
        route("segment", "/segment-{n}.ts", "n");
        CPPUNIT_ASSERT_EQUAL(std::string("video:a b"), get("/video/a%20b?x=1"));
        CPPUNIT_ASSERT_EQUAL(404, context_.request(Method::Get, "/video/").status());
        CPPUNIT_ASSERT_EQUAL(404, context_.request(Method::Get, "/segment-.ts").status());
        CPPUNIT_ASSERT_EQUAL(400, context_.request(Method::Get, "/video/%zz").status());
    }

    void encodedSlashStaysInItsSegment() {
        route("video", "/video/{id}", "id");
        CPPUNIT_ASSERT_EQUAL(std::string("video:a/b"), get("/video/a%2Fb"));
    }

    void dotSegmentsAreResolved() {
        route("video", "/video/{id}", "id");
        CPPUNIT_ASSERT_EQUAL(std::string("video:demo"), get("/./other/../video/%2e/demo"));
        CPPUNIT_ASSERT_EQUAL(std::string("video:demo"), get("/../../video/demo"));
    }

    void answersHeadFromGet() {
        route("video", "/video");
        CPPUNIT_ASSERT_EQUAL(200, context_.request(Method::Head, "/video").status());
    }

    void tellsAnUnknownPathFromAnUnknownMethod() {
        route("video", "/video");
        CPPUNIT_ASSERT_EQUAL(404, context_.request(Method::Get, "/videos").status());
        const auto refused = context_.request(Method::Delete, "/video");
        CPPUNIT_ASSERT_EQUAL(405, refused.status());
        CPPUNIT_ASSERT_EQUAL(std::string("METHOD_NOT_ALLOWED"), errorCode(refused));
    }

    void makesTheEnvelopeOfAnApiError() {
        context_.router().post("/video", [](const Request&) -> Response { throw ApiError(409, "EXISTS", "twice"); });
        const auto response = context_.request(Method::Post, "/video", {}, "{}");
        CPPUNIT_ASSERT_EQUAL(409, response.status());
        CPPUNIT_ASSERT_EQUAL(std::string("EXISTS"), errorCode(response));
    }

    void otherExceptionsComeOut() {
        context_.router().get("/", [](const Request&) -> Response { throw std::runtime_error("a bug"); });
        CPPUNIT_ASSERT_THROW(context_.request(Method::Get, "/"), std::runtime_error);
    }

    void refusesMalformedPatterns() {
        for (const auto* pattern : {"", "video", "/{", "/}", "/{}", "/{a}{b}", "/{a}/{a}", "/{rest...}/x", "/x{r...}"})
            CPPUNIT_ASSERT_THROW_MESSAGE(pattern, route("x", pattern), std::invalid_argument);
    }

    void refusesThePatternItHas() {
        route("video", "/video/{id}");
        CPPUNIT_ASSERT_THROW(route("again", "/video/{name}"), std::invalid_argument);
        context_.router().post("/video/{id}", [](const Request&) { return Response(); });
    }

    void answersAtHandGoBeforeTheHandler() {
        RouteOptions options;
        options.immediate = [](const Request& request) -> std::optional<Response> {
            if (!request.query("kept")) return std::nullopt;
            return Response::text("kept");
        };
        context_.router().get(
            "/shown", [](const Request&) { return Response::text("made"); }, options);
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), get("/shown?kept"));
        CPPUNIT_ASSERT_EQUAL(std::string("made"), get("/shown"));
    }

    void deferredHandlerAnswersLater() {
        context_.router().get("/reload", [&](const Request&, Responder responder) {
            const auto held = std::make_shared<Responder>(std::move(responder));
            context_.tasks().after(std::chrono::seconds(2), [held] { held->send(Response::text("new")); });
        });
        RequestParts parts;
        parts.target = "/reload";
        const auto exchange = context_.router().send(std::move(parts));
        context_.tasks().advance(std::chrono::milliseconds(1999));
        CPPUNIT_ASSERT(!exchange->isAnswered());
        CPPUNIT_ASSERT_THROW(exchange->takeResponse(), std::logic_error);
        context_.tasks().advance(std::chrono::milliseconds(1));
        CPPUNIT_ASSERT_EQUAL(std::string("new"), bodyText(exchange->takeResponse()));
    }

    void deferredHandlerSeesThatTheClientHasGone() {
        std::optional<Responder> held;
        context_.router().get("/reload",
                              [&](const Request&, Responder responder) { held.emplace(std::move(responder)); });
        RequestParts parts;
        parts.target = "/reload";
        const auto exchange = context_.router().send(std::move(parts));
        CPPUNIT_ASSERT(!held->clientIsGone());
        exchange->hangUp();
        CPPUNIT_ASSERT(held->clientIsGone());
    }

    void droppedResponderIsAnInternalError() {
        context_.router().get("/", [](const Request&, Responder) {});
        const auto response = context_.request(Method::Get, "/");
        CPPUNIT_ASSERT_EQUAL(500, response.status());
        CPPUNIT_ASSERT_EQUAL(std::string("INTERNAL_ERROR"), errorCode(response));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FakeRouterTest);
