// The plugin on the SDK's fakes, without a server. A plain program, so that it needs nothing beside the SDK; use the
// test framework that you like.

#include "Plugin.h"

#include <playhouse/testing/FakeContext.h>

#include <iostream>
#include <stdexcept>
#include <string>

using namespace playhouse;
using namespace playhouse::testing;

namespace {

void expect(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error("expected: " + what);
}

void countsVotes() {
    FakeContext context("example");
    ExamplePlugin plugin;
    context.start(plugin);
    expect(context.request(Method::Post, "/example/votes/yes").status() == 204, "a vote is taken");
    const auto counts = jsonData(context.request(Method::Get, "/example/votes"));
    expect(counts.at("yes") == 1 && counts.at("no") == 0, "it is counted");
}

void refusesAnUnknownChoice() {
    FakeContext context("example", {{"choices", "red, blue"}});
    ExamplePlugin plugin;
    context.start(plugin);
    const auto refused = context.request(Method::Post, "/example/votes/yes");
    expect(refused.status() == 400 && errorCode(refused) == "INVALID_PARAMETER", "400 INVALID_PARAMETER");
}

void everyoneWhoWatchesSeesEachVote() {
    FakeContext context("example");
    ExamplePlugin plugin;
    context.start(plugin);
    const auto ann = context.connect("/example/live");
    const auto ben = context.connect("/example/live");
    expect(ann.takeText() == R"({"no":0,"yes":0})", "who comes sees the counts");
    ben.send("yes");
    expect(ann.takeText() == R"({"yes":1})", "and each vote");
}

void nextVersionGoesOnCounting() {
    FakeContext context("example");
    ExamplePlugin plugin;
    context.start(plugin);
    const auto ann = context.connect("/example/live");
    ann.send("yes");
    ann.takeMessages();

    FakeContext nextContext("example");
    ExamplePlugin next;
    context.swap(plugin, nextContext, next);
    ann.send("yes");
    expect(ann.takeText() == R"({"yes":2})", "votes are kept, and so are channels");
}

}  // namespace

int main() {
    try {
        countsVotes();
        refusesAnUnknownChoice();
        everyoneWhoWatchesSeesEachVote();
        nextVersionGoesOnCounting();
    } catch (const std::exception& problem) {
        std::cerr << problem.what() << "\n";
        return 1;
    }
    std::cout << "all as expected\n";
}
