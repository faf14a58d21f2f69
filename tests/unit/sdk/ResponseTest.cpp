#include <playhouse/ApiError.h>
#include <playhouse/Responder.h>
#include <playhouse/Response.h>
#include <playhouse/testing/FakeStorage.h>
#include <playhouse/testing/ResponseText.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;
using namespace playhouse::testing;
using playhouse::ApiError;
using playhouse::httpDate;
using playhouse::isoTime;
using playhouse::Responder;
using playhouse::Response;

namespace {

/// 1994-11-06T08:49:37Z, the time that RFC 9110 takes for its examples.
constexpr auto exampleTime = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + 8h + 49min + 37s;

class RecordingSink final : public Responder::Sink {
public:
    void answer(Response response) noexcept override { status = response.status(); }
    void fail(const ApiError& error) noexcept override { status = error.status(); }
    void abandon() noexcept override { abandoned = true; }
    bool clientIsGone() const noexcept override { return false; }

    std::optional<int> status;
    bool abandoned = false;
};

}  // namespace

class ResponseTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ResponseTest);
    CPPUNIT_TEST(writesTheSuccessEnvelope);
    CPPUNIT_TEST(writesTheErrorEnvelope);
    CPPUNIT_TEST(isEmptyByDefault);
    CPPUNIT_TEST(fileCarriesItsValidators);
    CPPUNIT_TEST(redirectNamesItsLocation);
    CPPUNIT_TEST(setsHeadersInAChain);
    CPPUNIT_TEST(writesTimesAsHttpDoes);
    CPPUNIT_TEST(writesTimesAsJsonDoes);
    CPPUNIT_TEST(errorsCarryCodeAndDetails);
    CPPUNIT_TEST(responderAnswersOnce);
    CPPUNIT_TEST(responderThatIsDroppedSaysSo);
    CPPUNIT_TEST(responderThatWasMovedFromAnswersNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void writesTheSuccessEnvelope() {
        const auto response = Response::json({{"total", 2}}, 201);
        CPPUNIT_ASSERT_EQUAL(201, response.status());
        CPPUNIT_ASSERT(response.headers().find("Content-Type") == "application/json");
        CPPUNIT_ASSERT(jsonData(response).at("total") == 2);
        const auto envelope = boost::json::parse(bodyText(response));
        CPPUNIT_ASSERT(envelope.at("success") == true);
        CPPUNIT_ASSERT_EQUAL('Z', envelope.at("timestamp").as_string().back());
        CPPUNIT_ASSERT(jsonData(Response::json({{"id", "\xff"}})).at("id") == "\xef\xbf\xbd");
    }

    void writesTheErrorEnvelope() {
        const auto response = errorResponse(ApiError::notFound("no video \"x\"", {{"videoId", "x"}}));
        CPPUNIT_ASSERT_EQUAL(404, response.status());
        CPPUNIT_ASSERT_EQUAL(std::string("NOT_FOUND"), errorCode(response));
        CPPUNIT_ASSERT_THROW(jsonData(response), std::runtime_error);
        const auto envelope = boost::json::parse(bodyText(response));
        CPPUNIT_ASSERT(envelope.at("error").at("details").at("videoId") == "x");
    }

    void isEmptyByDefault() {
        const Response response;
        CPPUNIT_ASSERT_EQUAL(204, response.status());
        CPPUNIT_ASSERT(response.headers().empty());
        CPPUNIT_ASSERT(response.body().size() == std::uint64_t{0});
    }

    void fileCarriesItsValidators() {
        FakeStorage storage("response");
        const auto path = storage.ownDirectory() / "poster.jpg";
        storage.writeAtomically(path, "jpeg");
        const playhouse::SharedFile file(path);
        const auto response = Response::file(file, "image/jpeg");
        CPPUNIT_ASSERT(response.headers().find("ETag") == "\"" + file.fingerprint() + "\"");
        CPPUNIT_ASSERT(response.headers().find("Last-Modified") == httpDate(file.lastModified()));
        CPPUNIT_ASSERT_EQUAL(std::string("jpeg"), bodyText(response));
    }

    void redirectNamesItsLocation() {
        const auto response = Response::redirect("/watch");
        CPPUNIT_ASSERT_EQUAL(302, response.status());
        CPPUNIT_ASSERT(response.headers().find("Location") == "/watch");
        CPPUNIT_ASSERT_THROW(Response::redirect("/\r\nX: y"), std::invalid_argument);
    }

    void setsHeadersInAChain() {
        const auto response = Response::text("#EXTM3U", "application/vnd.apple.mpegurl")
                                  .withETag("v1")
                                  .withCacheControl("max-age=60")
                                  .withLastModified(exampleTime);
        CPPUNIT_ASSERT(response.headers().find("ETag") == "\"v1\"");
        CPPUNIT_ASSERT(response.headers().find("Cache-Control") == "max-age=60");
        CPPUNIT_ASSERT(response.headers().find("Last-Modified") == "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    void writesTimesAsHttpDoes() {
        CPPUNIT_ASSERT_EQUAL(std::string("Sun, 06 Nov 1994 08:49:37 GMT"), httpDate(exampleTime));
        CPPUNIT_ASSERT_EQUAL(std::string("Thu, 01 Jan 1970 00:00:00 GMT"), httpDate({}));
    }

    void writesTimesAsJsonDoes() {
        CPPUNIT_ASSERT_EQUAL(std::string("1994-11-06T08:49:37Z"), isoTime(exampleTime));
        CPPUNIT_ASSERT_EQUAL(std::string("1994-11-06T08:49:37.005Z"), isoTime(exampleTime + 5ms));
        CPPUNIT_ASSERT_EQUAL(std::string("1969-12-31T23:59:59.900Z"),
                             isoTime(std::chrono::system_clock::time_point(-100ms)));
    }

    void errorsCarryCodeAndDetails() {
        CPPUNIT_ASSERT_EQUAL(400, ApiError::badRequest("no").status());
        CPPUNIT_ASSERT_EQUAL(503, ApiError::unavailable("later").status());
        const auto error = ApiError::invalidParameter("limit", "too many");
        CPPUNIT_ASSERT(error.details().at("parameter") == "limit");
        CPPUNIT_ASSERT_EQUAL(std::string("too many"), std::string(error.what()));
    }

    void responderAnswersOnce() {
        const auto sink = std::make_shared<RecordingSink>();
        {
            Responder responder(sink);
            responder.send(Response(200));
            CPPUNIT_ASSERT_THROW(responder.send(Response(201)), std::logic_error);
            CPPUNIT_ASSERT_THROW(responder.fail(ApiError::notFound("no")), std::logic_error);
        }
        CPPUNIT_ASSERT(sink->status == 200);
        CPPUNIT_ASSERT(!sink->abandoned);
    }

    void responderThatIsDroppedSaysSo() {
        const auto sink = std::make_shared<RecordingSink>();
        { const Responder responder(sink); }
        CPPUNIT_ASSERT(sink->abandoned);
    }

    void responderThatWasMovedFromAnswersNothing() {
        const auto first = std::make_shared<RecordingSink>();
        const auto second = std::make_shared<RecordingSink>();
        {
            Responder responder(first);
            responder = Responder(second);
            CPPUNIT_ASSERT(first->abandoned);
            responder.fail(ApiError::unavailable("later"));
        }
        CPPUNIT_ASSERT(second->status == 503);
        CPPUNIT_ASSERT(!second->abandoned);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResponseTest);
