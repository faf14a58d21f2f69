// Answers that the edge cannot send to their end, since their plugin or their file fails: the client is to know that
// they are not whole, and the operator what went wrong.

#include "../control/CapturedLog.h"
#include "Figures.h"
#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

using namespace playhouse;
using namespace playhouse::host;

namespace {

constexpr std::uint64_t whole = 3'000'000;

/// Says that it has 3 MB, and does `failure` after one.
class FailingSource final : public BodySource {
public:
    explicit FailingSource(std::function<std::size_t()> failure) : failure_(std::move(failure)) {}
    std::optional<std::uint64_t> size() const override { return whole; }
    std::size_t read(std::span<std::byte> into) override {
        if (given_ > whole / 3) return failure_();
        given_ += into.size();
        return into.size();
    }

private:
    std::function<std::size_t()> failure_;
    std::uint64_t given_ = 0;
};

class TestFile {
public:
    TestFile() {
        const int descriptor = ::mkstemp(path_.data());
        const std::string content(whole, 'f');
        if (::write(descriptor, content.data(), content.size()) != static_cast<ssize_t>(content.size()))
            throw std::runtime_error("cannot write " + path_);
        ::close(descriptor);
    }
    ~TestFile() { ::unlink(path_.c_str()); }
    TestFile(const TestFile&) = delete;
    TestFile& operator=(const TestFile&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_ = "/tmp/playhouse-cut-XXXXXX";
};

}  // namespace

class CutAnswersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CutAnswersTest);
    CPPUNIT_TEST(brokenSourceCutsTheConnection);
    CPPUNIT_TEST(whateverASourceThrowsCutsTheConnection);
    CPPUNIT_TEST(sourceThatEndsEarlyCutsTheConnection);
    CPPUNIT_TEST(sourceThatFailsBeforeItsRangeGets500);
    CPPUNIT_TEST(shortenedFileCutsTheConnectionAndIsLogged);
    CPPUNIT_TEST(cutAnswersAreErrorsOfTheirVersion);
    CPPUNIT_TEST(clientThatHangsUpIsNoErrorOfTheVersion);
    CPPUNIT_TEST(clientThatHangsUpWithinAnAnswerLeavesATrace);
    CPPUNIT_TEST(clientThatHangsUpBeforeItsAnswerLeavesATrace);
    CPPUNIT_TEST_SUITE_END();

    static Route failing(Execution execution, std::function<std::size_t()> failure) {
        return route(
            Method::Get, "/",
            [failure](const Request&) {
                return Response::stream(std::make_unique<FailingSource>(failure), "video/mp2t");
            },
            execution);
    }

    /// One client's answer is cut, this is logged once with `reason` and counted, and the plugin is let go.
    static void expectCut(Execution execution, const std::function<std::size_t()>& failure, const std::string& reason) {
        const CapturedLog log("http");
        TestServer server({failing(execution, failure),
                           route(Method::Get, "/other", [](const Request&) { return Response::text("other"); })});
        RawClient client(server.port());
        CPPUNIT_ASSERT_THROW(client.get("/"), std::runtime_error);
        CPPUNIT_ASSERT_EQUAL(0.0, figureOf(server.registry, "playhouse_http_requests_in_flight"));
        CPPUNIT_ASSERT_EQUAL(std::string("other"), RawClient(server.port()).get("/other").body);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, log.lines().size());
        CPPUNIT_ASSERT_MESSAGE(log.lines().at(0), log.lines().at(0).find(reason) != std::string::npos);
        CPPUNIT_ASSERT(!log.requests().at(0).empty());
        CPPUNIT_ASSERT_EQUAL(1.0, figureOf(server.registry, "playhouse_http_answers_cut_total{plugin=\"test\"}"));
        server.gate->close();
        CPPUNIT_ASSERT(server.gate->waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::seconds(30)));
    }

public:
    void brokenSourceCutsTheConnection() {
        for (const auto execution : {Execution::Inline, Execution::Worker})
            expectCut(
                execution, []() -> std::size_t { throw std::runtime_error("the source is broken"); },
                "the source is broken");
    }

    void whateverASourceThrowsCutsTheConnection() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            expectCut(
                execution, []() -> std::size_t { throw 7; }, "no std::exception");
            expectCut(
                execution, []() -> std::size_t { throw std::runtime_error(""); }, "was cut");
        }
    }

    void sourceThatEndsEarlyCutsTheConnection() {
        for (const auto execution : {Execution::Inline, Execution::Worker})
            expectCut(
                execution, [] { return std::size_t{0}; }, "ended before the size it promised");
    }

    /// Nothing has been sent yet, so that it can be said.
    void sourceThatFailsBeforeItsRangeGets500() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({failing(execution, []() -> std::size_t { throw 7; })});
            RawClient client(server.port());
            const auto answer = client.get("/", "Range: bytes=2000000-2000009\r\n");
            CPPUNIT_ASSERT_EQUAL(500, answer.status);
            CPPUNIT_ASSERT(answer.body.find("INTERNAL_ERROR") != std::string::npos);
        }
    }

    void shortenedFileCutsTheConnectionAndIsLogged() {
        const TestFile file;
        const SharedFile opened(file.path());
        const CapturedLog log("http");
        TestServer server(
            {route(Method::Get, "/", [&](const Request&) { return Response::file(opened, "video/mp4"); })});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(std::size_t{whole}, client.get("/").body.size());
        CPPUNIT_ASSERT_EQUAL(0, ::truncate(file.path().c_str(), 1000));
        CPPUNIT_ASSERT_THROW(client.get("/"), std::runtime_error);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, log.lines().size());
        CPPUNIT_ASSERT(log.lines().at(0).find("its file has become shorter") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(1.0, figureOf(server.registry, "playhouse_http_answers_cut_total{plugin=\"test\"}"));
    }

    /// As probation asks for them.
    void cutAnswersAreErrorsOfTheirVersion() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({});
            const auto cut = failing(execution, []() -> std::size_t { throw std::runtime_error("broken"); });
            const auto counts = publish(server, cut);
            CPPUNIT_ASSERT_THROW(RawClient(server.port()).get("/"), std::runtime_error);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, counts->totals().answers);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, counts->totals().errors);
            server.server.drain(std::chrono::milliseconds(0));
        }
    }

    void clientThatHangsUpIsNoErrorOfTheVersion() {
        TestServer server({});
        const auto endless = route(Method::Get, "/", [](const Request&) {
            return Response::bytes(SharedBuffer(std::string(50'000'000, 'x')), "video/mp2t");
        });
        const auto counts = publish(server, endless);
        {
            RawClient client(server.port());
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            client.take(100);
            client.reset();
        }
        CPPUNIT_ASSERT(server.server.drain(std::chrono::seconds(30)));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, counts->totals().errors);
    }

    void clientThatHangsUpWithinAnAnswerLeavesATrace() {
        const CapturedLog log("access");
        EdgeSettings settings;
        settings.accessLog = true;
        TestServer server({route(Method::Get, "/",
                                 [](const Request&) {
                                     return Response::bytes(SharedBuffer(std::string(50'000'000, 'x')), "video/mp2t");
                                 })},
                          settings);
        {
            RawClient client(server.port());
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            client.take(100);
            client.reset();
        }
        CPPUNIT_ASSERT(server.server.drain(std::chrono::seconds(30)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, log.lines().size());
        CPPUNIT_ASSERT(log.lines().at(0).find(" GET / 200 ") != std::string::npos);
        CPPUNIT_ASSERT(log.lines().at(0).ends_with("us client left"));
        CPPUNIT_ASSERT_EQUAL(1.0, figureOf(server.registry, "playhouse_http_answers_abandoned_total{plugin=\"test\"}"));
    }

    void clientThatHangsUpBeforeItsAnswerLeavesATrace() {
        const CapturedLog log("access");
        EdgeSettings settings;
        settings.accessLog = true;
        std::promise<Responder> kept;
        TestServer server(
            {deferredRoute("/", [&](const Request&, Responder responder) { kept.set_value(std::move(responder)); })},
            settings);
        {
            RawClient client(server.port());
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            auto responder = kept.get_future().get();
            client.reset();
            while (!responder.clientIsGone()) std::this_thread::yield();
        }
        CPPUNIT_ASSERT(server.server.drain(std::chrono::seconds(30)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, log.lines().size());
        CPPUNIT_ASSERT(log.lines().at(0).find(" GET / 499 ") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(1.0, figureOf(server.registry, "playhouse_http_answers_abandoned_total{plugin=\"test\"}"));
    }

private:
    static std::shared_ptr<AnswerCounts> publish(TestServer& server, const Route& one) {
        RouteTable::Builder builder;
        RouteEntry entry{one.method, RoutePattern(one.pattern), one.options, "test", server.gate, &one, 0};
        entry.answers = std::make_shared<AnswerCounts>();
        auto counts = entry.answers;
        builder.add(std::move(entry));
        server.slot.publish(std::move(builder).build());
        return counts;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CutAnswersTest);
