// What the edge sends of each kind of body: whole, in ranges, conditionally, compressed, and in empty parts.

#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <memory>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;

namespace {

/// Yields `total` bytes of 'x', as much as is asked for at a time.
class CountedSource final : public BodySource {
public:
    CountedSource(std::uint64_t total, bool tellsSize) : total_(total), left_(total), tellsSize_(tellsSize) {}
    std::optional<std::uint64_t> size() const override { return tellsSize_ ? std::optional(total_) : std::nullopt; }
    std::size_t read(std::span<std::byte> into) override {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
        for (std::size_t index = 0; index < count; ++index)
            into[index] = static_cast<std::byte>('a' + (total_ - left_ + index) % 26);
        left_ -= count;
        return count;
    }

private:
    std::uint64_t total_;
    std::uint64_t left_;
    bool tellsSize_;
};

std::string alphabet(std::size_t begin, std::size_t size) {
    std::string text;
    for (auto at = begin; at < begin + size; ++at) text += static_cast<char>('a' + at % 26);
    return text;
}

SharedBuffer alphabetBuffer(std::size_t size) {
    return SharedBuffer::filled(size, [](std::span<std::byte> bytes) {
        for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = static_cast<std::byte>('a' + at % 26);
    });
}

}  // namespace

class ResponseBodiesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ResponseBodiesTest);
    CPPUNIT_TEST(largeBuffersAndFilesArriveWhole);
    CPPUNIT_TEST(rangesOfEachKindOfBody);
    CPPUNIT_TEST(multipleRangesComeAsMultipart);
    CPPUNIT_TEST(unsatisfiableRangeGets416);
    CPPUNIT_TEST(changedRepresentationIsSentWhole);
    CPPUNIT_TEST(knownTagGets304);
    CPPUNIT_TEST(textIsCompressedWhenAsked);
    CPPUNIT_TEST(sourceOfUnknownSizeIsChunked);
    CPPUNIT_TEST(sourcesOnWorkersArriveWhole);
    CPPUNIT_TEST(fieldsThatFrameAMessageAreTheHosts);
    CPPUNIT_TEST(emptyPartsAreNoTrouble);
    CPPUNIT_TEST_SUITE_END();

public:
    static std::deque<Route> bodies() {
        const auto buffer = alphabetBuffer(3'000'000);
        const auto make = [](auto body) { return [body](const Request&) { return body(); }; };
        const auto parts = [buffer] {
            std::vector<Body::Part> pieces;
            for (std::size_t at = 0; at < buffer.size(); at += 30'000)
                pieces.emplace_back(buffer.slice(at, std::min<std::size_t>(30'000, buffer.size() - at)));
            return Response(200).withHeader("Content-Type", "video/mp4").withBody(Body(std::move(pieces)));
        };
        return {route(Method::Get, "/buffer",
                      make([buffer] { return Response::bytes(buffer, "video/mp2t").withETag("b"); })),
                route(Method::Get, "/parts", make(parts)),
                route(Method::Get, "/source", make([] {
                          return Response::stream(std::make_unique<CountedSource>(3'000'000, true), "video/mp2t");
                      })),
                route(Method::Get, "/worker-source", make([] {
                          return Response::stream(std::make_unique<CountedSource>(3'000'000, true), "video/mp2t");
                      }),
                      Execution::Worker)};
    }

    void largeBuffersAndFilesArriveWhole() {
        TestServer server(bodies());
        RawClient client(server.port());
        const auto expected = alphabet(0, 3'000'000);
        for (const auto* path : {"/buffer", "/parts", "/source", "/worker-source"})
            CPPUNIT_ASSERT_MESSAGE(path, client.get(path).body == expected);
    }

    void rangesOfEachKindOfBody() {
        TestServer server(bodies());
        RawClient client(server.port());
        for (const auto* path : {"/buffer", "/parts", "/source", "/worker-source"}) {
            const auto answer = client.get(path, "Range: bytes=29990-1529999\r\n");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 206, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("bytes 29990-1529999/3000000"), answer.headers.at("content-range"));
            CPPUNIT_ASSERT_MESSAGE(path, answer.body == alphabet(29990, 1'500'010));
        }
    }

    void multipleRangesComeAsMultipart() {
        TestServer server(bodies());
        RawClient client(server.port());
        const auto answer = client.get("/buffer", "Range: bytes=0-3,2999998-\r\n");
        CPPUNIT_ASSERT_EQUAL(206, answer.status);
        const auto type = answer.headers.at("content-type");
        CPPUNIT_ASSERT(type.starts_with("multipart/byteranges; boundary="));
        const auto boundary = type.substr(type.find('=') + 1);
        CPPUNIT_ASSERT_EQUAL(
            "--" + boundary + "\r\nContent-Type: video/mp2t\r\nContent-Range: bytes 0-3/3000000\r\n\r\n" +
                alphabet(0, 4) + "\r\n--" + boundary +
                "\r\nContent-Type: video/mp2t\r\nContent-Range: bytes 2999998-2999999/3000000\r\n\r\n" +
                alphabet(2999998, 2) + "\r\n--" + boundary + "--\r\n",
            answer.body);
    }

    void unsatisfiableRangeGets416() {
        TestServer server(bodies());
        RawClient client(server.port());
        const auto answer = client.get("/buffer", "Range: bytes=3000000-\r\n");
        CPPUNIT_ASSERT_EQUAL(416, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("bytes */3000000"), answer.headers.at("content-range"));
    }

    void changedRepresentationIsSentWhole() {
        TestServer server(bodies());
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/buffer", "Range: bytes=0-1\r\nIf-Range: \"old\"\r\n").status);
        CPPUNIT_ASSERT_EQUAL(206, client.get("/buffer", "Range: bytes=0-1\r\nIf-Range: \"b\"\r\n").status);
    }

    void knownTagGets304() {
        TestServer server(bodies());
        RawClient client(server.port());
        const auto answer = client.get("/buffer", "If-None-Match: \"b\"\r\nRange: bytes=0-1\r\n");
        CPPUNIT_ASSERT_EQUAL(304, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("\"b\""), answer.headers.at("etag"));
        CPPUNIT_ASSERT(!answer.headers.contains("content-length"));
    }

    void textIsCompressedWhenAsked() {
        TestServer server({route(Method::Get, "/",
                                 [](const Request&) { return Response::text(std::string(5000, 'a')).withETag("t"); })});
        RawClient client(server.port());
        const auto packed = client.get("/", "Accept-Encoding: gzip\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("gzip"), packed.headers.at("content-encoding"));
        CPPUNIT_ASSERT(packed.headers.at("vary").find("Accept-Encoding") != std::string::npos);
        CPPUNIT_ASSERT(packed.body.size() < 200);
        CPPUNIT_ASSERT_EQUAL(
            304,
            client.get("/", "Accept-Encoding: gzip\r\nIf-None-Match: " + packed.headers.at("etag") + "\r\n").status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{5000}, client.get("/").body.size());
        CPPUNIT_ASSERT_EQUAL(206, client.get("/", "Accept-Encoding: gzip\r\nRange: bytes=0-9\r\n").status);
    }

    void sourceOfUnknownSizeIsChunked() {
        TestServer server({route(Method::Get, "/", [](const Request&) {
            return Response::stream(std::make_unique<CountedSource>(500'000, false), "video/mp2t");
        })});
        RawClient client(server.port());
        const auto answer = client.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("chunked"), answer.headers.at("transfer-encoding"));
        CPPUNIT_ASSERT(answer.body == alphabet(0, 500'000));
        client.send("GET / HTTP/1.0\r\n\r\n");
        CPPUNIT_ASSERT(client.receive().body == alphabet(0, 500'000));
    }

    void sourcesOnWorkersArriveWhole() {
        TestServer server({route(
            Method::Get, "/",
            [](const Request&) {
                return Response::stream(std::make_unique<CountedSource>(500'000, false), "video/mp2t");
            },
            Execution::Worker)});
        RawClient client(server.port());
        for (int round = 0; round < 3; ++round) CPPUNIT_ASSERT(client.get("/").body == alphabet(0, 500'000));
    }

    // RFC 9110 section 8.6: the host knows how much it sends.
    void fieldsThatFrameAMessageAreTheHosts() {
        TestServer server({route(Method::Get, "/",
                                 [](const Request&) {
                                     return Response::text("hello")
                                         .withHeader("Content-Length", "3")
                                         .withHeader("transfer-encoding", "chunked")
                                         .withHeader("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
                                         .withHeader("X-Request-Id", "of another server")
                                         .withHeader("X-Own", "kept");
                                 }),
                           route(Method::Get, "/live", [](const Request&) {
                               return Response::stream(std::make_unique<CountedSource>(3, false), "video/mp2t")
                                   .withHeader("Content-Length", "7");
                           })});
        RawClient client(server.port());
        const auto answer = client.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("5"), answer.headers.at("content-length"));
        CPPUNIT_ASSERT(!answer.headers.contains("transfer-encoding"));
        CPPUNIT_ASSERT(answer.headers.at("date").find("1970") == std::string::npos);
        CPPUNIT_ASSERT(answer.headers.at("x-request-id").find("another") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), answer.headers.at("x-own"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), answer.body);
        const auto live = client.get("/live");
        CPPUNIT_ASSERT(!live.headers.contains("content-length"));
        CPPUNIT_ASSERT_EQUAL(std::string("abc"), live.body);
    }

    void emptyPartsAreNoTrouble() {
        const auto parts = [](std::vector<std::string> texts) {
            return [texts](const Request&) {
                std::vector<Body::Part> pieces;
                for (const auto& text : texts) pieces.emplace_back(SharedBuffer(text));
                return Response(200).withBody(Body(std::move(pieces)));
            };
        };
        TestServer server(
            {route(Method::Get, "/behind", parts({"a", "b", ""})), route(Method::Get, "/before", parts({"", "", "c"})),
             route(Method::Get, "/all", parts({"", ""})), route(Method::Get, "/between", parts({"d", "", "e"}))});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(std::string("ab"), client.get("/behind").body);
        CPPUNIT_ASSERT_EQUAL(std::string("c"), client.get("/before").body);
        CPPUNIT_ASSERT_EQUAL(std::string(), client.get("/all").body);
        CPPUNIT_ASSERT_EQUAL(std::string("de"), client.get("/between").body);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResponseBodiesTest);
