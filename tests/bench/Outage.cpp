// PostgreSQL, then Redis, away for 20 seconds under load: what needs them is refused in time, streaming serves on, and
// all comes back by itself. outage [SECONDS]; the exit code is 1 when any of that does not hold.

#include "../integration/HttpLoad.h"
#include "../integration/ServerProcess.h"
#include "../integration/SwapScenario.h"

#include <PostgresServer.h>
#include <RedisServer.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Many more than there are workers.
constexpr int clients = 100;
constexpr int streamingClients = 8;
constexpr long streamingPerSecond = 200;
constexpr milliseconds promisedAnswer{2'000};
constexpr std::chrono::seconds quiet{3};

/// Clients that ask for the same, one request after the other, and keep what they were told and how long it took.
class LedgerLoad {
public:
    struct Told {
        Clock::time_point asked;
        milliseconds taken;
        std::string outcome;
    };

    LedgerLoad(int count, const std::function<HttpAnswer(int)>& ask) {
        for (int client = 0; client < count; ++client)
            threads_.emplace_back([this, ask, client] {
                while (!stopping_) {
                    const auto asked = Clock::now();
                    std::string outcome;
                    try {
                        outcome = ask(client).outcome();
                    } catch (const std::exception& problem) {
                        outcome = problem.what();
                    }
                    const auto taken = std::chrono::duration_cast<milliseconds>(Clock::now() - asked);
                    const std::lock_guard lock(mutex_);
                    told_.push_back({asked, taken, outcome});
                }
            });
    }

    std::vector<Told> finish() {
        stopping_ = true;
        for (auto& thread : threads_) thread.join();
        return told_;
    }

private:
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::vector<Told> told_;
    std::vector<std::thread> threads_;
};

struct Variant {
    const char* name;
    const char* path;
    const char* refusal;
    std::function<void()> end;
    std::function<void()> begin;
};

/// Prints what happened, and returns whether it is what was promised.
bool report(const Variant& variant, std::vector<LedgerLoad::Told> told, Clock::time_point end,
            Clock::time_point begin) {
    std::map<std::string, long> outcomes;
    milliseconds worst{0};
    milliseconds back = milliseconds::max();
    bool isRight = true;
    for (const auto& one : told) {
        const bool isWell = one.outcome.starts_with("20");
        worst = std::max(worst, one.taken);
        ++outcomes[one.outcome];
        if (!isWell && one.outcome != variant.refusal) isRight = false;
        if (!isWell && one.asked < end - promisedAnswer) isRight = false;
        if (isWell && one.asked > begin)
            back = std::min(back, std::chrono::duration_cast<milliseconds>(one.asked + one.taken - begin));
    }
    std::printf("%s\n", variant.name);
    for (const auto& [outcome, count] : outcomes) std::printf("  %-28s %8ld\n", outcome.c_str(), count);
    const bool isBack = back != milliseconds::max();
    std::printf("  longest answer %ld ms; first good one after its return: %s\n", static_cast<long>(worst.count()),
                isBack ? (std::to_string(back.count()) + " ms").c_str() : "none");
    return isRight && isBack && worst < promisedAnswer && outcomes.contains(variant.refusal);
}

/// Whether all that needs neither backend was answered well and in time.
bool reportBystander(const std::vector<LedgerLoad::Told>& told) {
    milliseconds worst{0};
    long failed = 0;
    for (const auto& one : told) {
        worst = std::max(worst, one.taken);
        if (one.outcome != "200") ++failed;
    }
    std::printf("  a worker route beside: %zu answered, %ld of them not 200; longest answer %ld ms\n", told.size(),
                failed, static_cast<long>(worst.count()));
    return !told.empty() && failed == 0 && worst < promisedAnswer;
}

bool run(const ServerProcess& server, const std::vector<ExpectedPage>& pages, const Variant& variant,
         std::chrono::seconds away) {
    HttpLoad streaming(server.port(), pages, streamingClients, streamingPerSecond);
    streaming.start();
    LedgerLoad bystander(1, [&](int) { return server.get("/ledger/news"); });
    // Each its own row: what is measured is not how they wait for each other.
    LedgerLoad ledger(clients, [&](int client) {
        return server.post(variant.path + std::string("?writer=") + std::to_string(client), "a note");
    });
    std::this_thread::sleep_for(quiet);
    streaming.nextPhase();
    const auto end = Clock::now();
    variant.end();
    std::this_thread::sleep_for(away);
    variant.begin();
    const auto begin = Clock::now();
    // As long as a Redis that is away is left alone at most, and some more.
    std::this_thread::sleep_for(2 * quiet);
    bool isRight = report(variant, ledger.finish(), end, begin);
    isRight = reportBystander(bystander.finish()) && isRight;
    streaming.finish();
    std::printf("  streaming: %ld answered, %ld failed; 99th percentile %ld us before, %ld us from then on %s\n",
                streaming.answered(), streaming.failed(), static_cast<long>(streaming.latency(0, 0.99).count()),
                static_cast<long>(streaming.latency(1, 0.99).count()), streaming.firstFailure().c_str());
    isRight = isRight && streaming.failed() == 0 && streaming.answered() > 0;
    std::printf("  %s\n", isRight ? "as promised" : "NOT as promised");
    return isRight;
}

}  // namespace

int main(int argumentCount, char** arguments) try {
    const std::chrono::seconds away(argumentCount > 1 ? std::max(1, std::atoi(arguments[1])) : 20);
    playhouse::tests::PostgresServer postgres;
    playhouse::tests::RedisServer redis;
    ServerProcess server(swap_scenario::streamingConfiguration() +
                             "plugin.ledger.enabled = true\nplugin.ledger.library = " + fixtures + "/ledger.so\n",
                         {postgres.url(postgres.makeDatabase()), redis.url()});
    swap_scenario::makeVideo(server);
    server.start();
    server.waitForLog("the video \"load\" can be streamed");
    const auto pages = swap_scenario::streamingPages(server);
    const std::vector<Variant> variants{
        {"PostgreSQL stopped", "/ledger", "503 DATABASE_UNAVAILABLE", [&] { postgres.stop(); },
         [&] { postgres.start(); }},
        {"PostgreSQL hangs", "/ledger", "503 DATABASE_UNAVAILABLE", [&] { postgres.pause(); },
         [&] { postgres.resume(); }},
        {"Redis stopped", "/ledger/counts/red", "503 CACHE_UNAVAILABLE", [&] { redis.stop(); }, [&] { redis.start(); }},
        {"Redis hangs", "/ledger/counts/red", "503 CACHE_UNAVAILABLE", [&] { redis.pause(); },
         [&] { redis.resume(); }}};
    bool isRight = true;
    for (const auto& variant : variants) isRight = run(server, pages, variant, away) && isRight;
    return isRight ? 0 : 1;
} catch (const std::exception& problem) {
    std::fprintf(stderr, "outage: %s\n", problem.what());
    return 1;
}
