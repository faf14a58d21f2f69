// How much a storm of registrations and logins costs who watches: one server on PostgreSQL streams at a steady rate,
// first quietly, then while clients register and log in as fast as they are answered.
// login-storm [--rounds N] [--seconds N] [--clients N]; the exit code is 1 when streaming's 99th percentile grows to
// more than twice the quiet one, or any request fails.

#include "../integration/HttpLoad.h"
#include "../integration/ServerProcess.h"
#include "../integration/SwapScenario.h"

#include <PostgresServer.h>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int streamingClients = 8;
constexpr long streamingPerSecond = 400;
constexpr double mostGrowth = 2.0;

struct Options {
    int rounds = 5;
    int seconds = 4;
    int clients = 32;
};

Options optionsOf(int argumentCount, char** arguments) {
    Options options;
    const std::map<std::string, int*> known{
        {"--rounds", &options.rounds}, {"--seconds", &options.seconds}, {"--clients", &options.clients}};
    for (int index = 1; index < argumentCount; index += 2) {
        const auto option = known.find(arguments[index]);
        if (option == known.end() || index + 1 == argumentCount)
            throw std::runtime_error(std::string("usage: login-storm [--rounds N] [--seconds N] [--clients N], not ") +
                                     arguments[index]);
        const char* value = arguments[index + 1];
        const auto read = std::from_chars(value, value + std::strlen(value), *option->second);
        if (read.ec != std::errc() || *read.ptr != '\0' || *option->second < 1)
            throw std::runtime_error(std::string(arguments[index]) + " takes a whole number from 1 on");
    }
    return options;
}

/// Clients that each make account after account, and log in to each.
class Storm {
public:
    Storm(std::uint16_t port, int clients, int round) {
        for (int client = 0; client < clients; ++client)
            threads_.emplace_back(
                [this, port, name = "s" + std::to_string(round) + "c" + std::to_string(client) + "n"] {
                    run(port, name);
                });
    }
    ~Storm() { finish(); }
    Storm(const Storm&) = delete;
    Storm& operator=(const Storm&) = delete;

    void finish() {
        stopping_ = true;
        for (auto& thread : threads_) thread.join();
        threads_.clear();
    }

    long answered() const { return answered_; }
    /// What went wrong first; empty: nothing.
    std::string failure() {
        const std::lock_guard lock(mutex_);
        return failure_;
    }

private:
    void run(std::uint16_t port, const std::string& name) try {
        Poco::Net::HTTPClientSession session("127.0.0.1", port);
        session.setKeepAlive(true);
        for (int number = 0; !stopping_; ++number) {
            const auto account = name + std::to_string(number);
            const auto credentials = R"("email": ")" + account + R"(@example.com", "password": "seven small storms")";
            post(session, "/auth/register", "{" + credentials + R"(, "username": ")" + account + "\"}", 201);
            if (!stopping_) post(session, "/auth/login", "{" + credentials + "}", 200);
        }
    } catch (const std::exception& problem) {
        const std::lock_guard lock(mutex_);
        if (failure_.empty()) failure_ = problem.what();
    }

    void post(Poco::Net::HTTPClientSession& session, const std::string& path, const std::string& body, int expected) {
        Poco::Net::HTTPRequest request("POST", path, "HTTP/1.1");
        request.setContentType("application/json");
        request.setContentLength(static_cast<std::streamsize>(body.size()));
        session.sendRequest(request) << body;
        Poco::Net::HTTPResponse response;
        std::string answer;
        Poco::StreamCopier::copyToString(session.receiveResponse(response), answer);
        if (response.getStatus() != expected)
            throw std::runtime_error(path + ": " + std::to_string(response.getStatus()) + " " + answer);
        ++answered_;
    }

    std::atomic<bool> stopping_{false};
    std::atomic<long> answered_{0};
    std::mutex mutex_;
    std::string failure_;
    std::vector<std::thread> threads_;
};

std::string authConfiguration() {
    std::string text =
        "plugin.auth.enabled = true\nplugin.auth.library = " PLAYHOUSE_BIN_DIRECTORY "/../lib/plugins/auth.so\n";
    for (const auto* limit : {"registrations", "logins"})
        text += std::string("plugin.auth.") + limit + "-per-minute = 1000000\n";
    return text;
}

long median(std::vector<long> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int main(int argumentCount, char** arguments) try {
    const auto options = optionsOf(argumentCount, arguments);
    playhouse::tests::PostgresServer postgres;
    ServerProcess server(swap_scenario::streamingConfiguration() + authConfiguration(),
                         {postgres.url(postgres.makeDatabase()), ""});
    swap_scenario::makeVideo(server);
    server.start();
    server.waitForLog("the video \"load\" can be streamed");
    const auto pages = swap_scenario::streamingPages(server);

    std::vector<long> quiet, stormy, logins;
    for (int round = 0; round < options.rounds; ++round) {
        HttpLoad streaming(server.port(), pages, streamingClients, streamingPerSecond);
        streaming.start();
        std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
        streaming.nextPhase();
        Storm storm(server.port(), options.clients, round);
        std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
        streaming.finish();
        storm.finish();
        if (!storm.failure().empty()) throw std::runtime_error(storm.failure());
        if (streaming.failed() != 0) throw std::runtime_error(streaming.firstFailure());
        quiet.push_back(static_cast<long>(streaming.latency(0, 0.99).count()));
        stormy.push_back(static_cast<long>(streaming.latency(1, 0.99).count()));
        logins.push_back(storm.answered() / options.seconds);
    }
    const auto growth = static_cast<double>(median(stormy)) / static_cast<double>(median(quiet));
    std::printf(
        "%-20s streaming p99 %ld us quiet, %ld us beside %ld registrations and logins/s  ratio %.2f  "
        "(target at most %.0f)\n",
        "storm", median(quiet), median(stormy), median(logins), growth, mostGrowth);
    return growth <= mostGrowth ? 0 : 1;
} catch (const std::exception& problem) {
    std::fprintf(stderr, "login-storm: %s\n", problem.what());
    return 1;
}
