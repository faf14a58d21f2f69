#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <stdexcept>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t bodySize = 700'001;
constexpr std::uint64_t fast = 5'000'000;  // bytes a second: a body takes seven quanta
constexpr std::uint64_t slow = 2'000;

std::byte letter(std::uint64_t at) {
    return static_cast<std::byte>('a' + at % 26);
}

std::string expected(std::size_t begin, std::size_t size) {
    std::string text;
    for (auto at = begin; at < begin + size; ++at) text += static_cast<char>(letter(at));
    return text;
}

/// Tells when it is destroyed.
class ToldSource final : public BodySource {
public:
    ToldSource(std::uint64_t total, bool tellsSize, std::shared_ptr<std::promise<void>> gone = {})
        : total_(total), tellsSize_(tellsSize), gone_(std::move(gone)) {}
    ~ToldSource() override {
        if (gone_) gone_->set_value();
    }
    std::optional<std::uint64_t> size() const override { return tellsSize_ ? std::optional(total_) : std::nullopt; }
    std::size_t read(std::span<std::byte> into) override {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), total_ - at_));
        for (auto& byte : into.first(count)) byte = letter(at_++);
        return count;
    }

private:
    std::uint64_t total_;
    std::uint64_t at_ = 0;
    bool tellsSize_;
    std::shared_ptr<std::promise<void>> gone_;
};

SharedBuffer buffer() {
    return SharedBuffer::filled(bodySize, [](std::span<std::byte> bytes) {
        for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = letter(at);
    });
}

SharedFile file() {
    std::string path = "/tmp/playhouse-pacing-XXXXXX";
    const int descriptor = ::mkstemp(path.data());
    const auto text = expected(0, bodySize);
    if (::write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("cannot write " + path);
    ::close(descriptor);
    auto opened = SharedFile(path);
    ::unlink(path.c_str());
    return opened;
}

constexpr auto octets = "application/octet-stream";

std::deque<Route> bodies(Execution execution) {
    const auto memory = buffer();
    const auto disk = file();
    return {
        route(
            Method::Get, "/memory",
            [memory](const Request&) { return Response::bytes(memory, octets).withETag("memory").paceTo(fast); },
            execution),
        route(
            Method::Get, "/file", [disk](const Request&) { return Response::file(disk, octets).paceTo(fast); },
            execution),
        route(
            Method::Get, "/source",
            [](const Request&) {
                return Response::stream(std::make_unique<ToldSource>(bodySize, true), octets).paceTo(fast);
            },
            execution),
        route(
            Method::Get, "/live",
            [](const Request&) {
                return Response::stream(std::make_unique<ToldSource>(bodySize, false), octets).paceTo(fast);
            },
            execution),
        route(
            Method::Get, "/endless",
            [](const Request&) {
                return Response::stream(std::make_unique<ToldSource>(1ULL << 40, true), octets).paceTo(slow);
            },
            execution),
        route(
            Method::Get, "/quick", [](const Request&) { return Response::text("quick"); }, Execution::Inline),
    };
}

}  // namespace

class PacingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PacingTest);
    CPPUNIT_TEST(everyKindOfBodyArrivesWhole);
    CPPUNIT_TEST(rangesArePacedAndRight);
    CPPUNIT_TEST(comesNoFasterThanItsPace);
    CPPUNIT_TEST(manyAtOnceEachKeepTheirPace);
    CPPUNIT_TEST(theNextAnswerOnTheConnectionIsNotPaced);
    CPPUNIT_TEST(headIsAnsweredAtOnce);
    CPPUNIT_TEST(waitingForThePaceIsNoSlowClient);
    CPPUNIT_TEST(clientThatLeavesMidwayFreesTheBody);
    CPPUNIT_TEST(drainWaitsForAPacedBody);
    CPPUNIT_TEST(drainCutsAPacedBodyWhenItsPatienceEnds);
    CPPUNIT_TEST(noRateIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyKindOfBodyArrivesWhole() {
        const auto whole = expected(0, bodySize);
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server(bodies(execution));
            RawClient client(server.port());
            for (const auto* path : {"/memory", "/file", "/source", "/live"}) {
                const auto answer = client.get(path);
                CPPUNIT_ASSERT_EQUAL(200, answer.status);
                CPPUNIT_ASSERT_MESSAGE(path, whole == answer.body);
            }
        }
    }

    void rangesArePacedAndRight() {
        TestServer server(bodies(Execution::Inline));
        RawClient client(server.port());
        for (const auto* path : {"/memory", "/file"}) {
            const auto middle = client.get(path, "Range: bytes=1000-400999\r\n");
            CPPUNIT_ASSERT_EQUAL(206, middle.status);
            CPPUNIT_ASSERT_MESSAGE(path, expected(1000, 400'000) == middle.body);
            const auto several = client.get(path, "Range: bytes=0-99999,300000-499999\r\n");
            CPPUNIT_ASSERT_EQUAL(206, several.status);
            CPPUNIT_ASSERT(several.body.find(expected(0, 100'000)) != std::string::npos);
            CPPUNIT_ASSERT(several.body.find(expected(300'000, 200'000)) != std::string::npos);
        }
    }

    void comesNoFasterThanItsPace() {
        TestServer server(bodies(Execution::Inline));
        const auto begin = std::chrono::steady_clock::now();
        RawClient client(server.port());
        const auto answer = client.get("/memory");
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        // A loaded machine makes it slower, and nothing makes it faster.
        CPPUNIT_ASSERT_EQUAL(bodySize, answer.body.size());
        CPPUNIT_ASSERT(static_cast<double>(fast) * (taken.count() + 0.025) >= static_cast<double>(bodySize));
    }

    void manyAtOnceEachKeepTheirPace() {
        TestServer server(bodies(Execution::Inline));
        const auto whole = expected(0, bodySize);
        std::deque<RawClient> clients;
        const auto begin = std::chrono::steady_clock::now();
        for (int index = 0; index < 50; ++index) {
            clients.emplace_back(server.port());
            clients.back().send("GET /memory HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        for (auto& client : clients) CPPUNIT_ASSERT(whole == client.receive().body);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        CPPUNIT_ASSERT(static_cast<double>(fast) * (taken.count() + 0.025) >= static_cast<double>(bodySize));
    }

    void theNextAnswerOnTheConnectionIsNotPaced() {
        TestServer server(bodies(Execution::Inline));
        RawClient client(server.port());
        client.send("GET /memory HTTP/1.1\r\nHost: x\r\n\r\nGET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(bodySize, client.receive().body.size());
        CPPUNIT_ASSERT_EQUAL(std::string("quick"), client.receive().body);
    }

    void headIsAnsweredAtOnce() {
        TestServer server(bodies(Execution::Inline));
        RawClient client(server.port());
        client.send("HEAD /endless HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::to_string(1ULL << 40), client.receive(false).headers.at("content-length"));
        CPPUNIT_ASSERT_EQUAL(std::string("quick"), client.get("/quick").body);
    }

    void waitingForThePaceIsNoSlowClient() {
        EdgeSettings settings;
        settings.sendTimeout = 20ms;
        settings.minimumRate = 1'000'000'000;
        // A byte at a time, and each pause is far longer than the client's patience would be.
        TestServer server({route(Method::Get, "/", [](const Request&) { return Response::text("slow").paceTo(2); })},
                          settings);
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(std::string("slow"), client.get("/").body);
    }

    void clientThatLeavesMidwayFreesTheBody() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            const auto gone = std::make_shared<std::promise<void>>();
            TestServer server({route(
                Method::Get, "/",
                [gone](const Request&) {
                    return Response::stream(std::make_unique<ToldSource>(1ULL << 40, true, gone), octets).paceTo(slow);
                },
                execution)});
            {
                RawClient client(server.port());
                client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                client.receive(false);
            }
            CPPUNIT_ASSERT(gone->get_future().wait_for(30s) == std::future_status::ready);
        }
    }

    void drainWaitsForAPacedBody() {
        std::promise<void> begun;
        const auto memory = buffer();
        TestServer server({route(Method::Get, "/", [&](const Request&) {
            begun.set_value();
            return Response::bytes(memory, octets).paceTo(fast);
        })});
        RawClient client(server.port());
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        begun.get_future().wait();
        auto drained = std::async(std::launch::async, [&] { return server.server.drain(30s); });
        CPPUNIT_ASSERT_EQUAL(bodySize, client.receive().body.size());
        CPPUNIT_ASSERT(drained.get());
    }

    void drainCutsAPacedBodyWhenItsPatienceEnds() {
        const auto gone = std::make_shared<std::promise<void>>();
        TestServer server({route(Method::Get, "/", [gone](const Request&) {
            return Response::stream(std::make_unique<ToldSource>(1ULL << 40, true, gone), octets).paceTo(slow);
        })});
        RawClient client(server.port());
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        client.receive(false);
        CPPUNIT_ASSERT(!server.server.drain(10ms));
        CPPUNIT_ASSERT(gone->get_future().wait_for(0s) == std::future_status::ready);
    }

    void noRateIsRefused() {
        CPPUNIT_ASSERT_THROW(Response::text("x").paceTo(0), std::invalid_argument);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{7}, *Response::text("x").paceTo(7).pacing());
        CPPUNIT_ASSERT(!Response::text("x").pacing());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PacingTest);
