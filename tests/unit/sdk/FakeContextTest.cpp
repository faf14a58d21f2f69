#include <playhouse/VideoCatalog.h>
#include <playhouse/testing/FakeContext.h>

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace playhouse;
using namespace playhouse::testing;

namespace {

/// Greets, counts its greetings, and logs each minute how many there were.
class GreetingPlugin final : public Plugin {
public:
    void start(PluginContext& context) override {
        auto& greetings = context.metrics().counter("playhouse_greetings_total", "Greetings.");
        context.router().get("/hello/{name}",
                             [&greetings, word = context.settings().text("word", "Hello")](const Request& request) {
                                 greetings.add();
                                 return Response::json({{"greeting", word + ", " + request.pathParameter("name")}});
                             });
        context.tasks().every(1min, [&logger = context.logger()] { logger.info("a minute has passed"); });
    }
};

class EmptyCatalog final : public VideoCatalog {
public:
    std::vector<Video> videos() const override { return {}; }
    std::optional<Video> video(std::string_view) const override { return std::nullopt; }
};

}  // namespace

class FakeContextTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FakeContextTest);
    CPPUNIT_TEST(runsAPluginWithoutAHost);
    CPPUNIT_TEST(refusesASettingThatThePluginDoesNotKnow);
    CPPUNIT_TEST(timersRunInTheOrderOfTheirTimes);
    CPPUNIT_TEST(cancelledTimerNeverRuns);
    CPPUNIT_TEST(taskMayAddTasks);
    CPPUNIT_TEST(clockStandsStillUntilMoved);
    CPPUNIT_TEST(metricsAreOneFigurePerNameAndLabels);
    CPPUNIT_TEST(metricsRefuseABadNameOrAnotherKind);
    CPPUNIT_TEST(storageIsRemovedWithTheContext);
    CPPUNIT_TEST(storageRefusesNamesThatLeaveIt);
    CPPUNIT_TEST(servicesAreFoundUntilWithdrawn);
    CPPUNIT_TEST_SUITE_END();

public:
    void runsAPluginWithoutAHost() {
        FakeContext context("greeting", {{"word", "Hi"}});
        GreetingPlugin plugin;
        context.start(plugin);
        CPPUNIT_ASSERT(jsonData(context.request(Method::Get, "/hello/Ann")).at("greeting") == "Hi, Ann");
        CPPUNIT_ASSERT_EQUAL(1.0, context.metrics().value("playhouse_greetings_total"));
        context.tasks().advance(3min);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, context.logger().lines().size());
        CPPUNIT_ASSERT(context.logger().contains(FakeLogger::Level::Info, "minute"));
        CPPUNIT_ASSERT(!context.logger().contains(FakeLogger::Level::Error, "minute"));
    }

    void refusesASettingThatThePluginDoesNotKnow() {
        FakeContext context("greeting", {{"wrod", "Hi"}});
        GreetingPlugin plugin;
        CPPUNIT_ASSERT_THROW(context.start(plugin), std::invalid_argument);
    }

    void timersRunInTheOrderOfTheirTimes() {
        FakeContext context;
        std::string order;
        context.tasks().after(30ms, [&] { order += "c"; });
        context.tasks().every(20ms, [&] { order += "b"; });
        context.tasks().run([&] { order += "a"; });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, context.tasks().runDue());
        context.tasks().advance(60ms);
        CPPUNIT_ASSERT_EQUAL(std::string("abcbb"), order);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, context.tasks().waiting());
        CPPUNIT_ASSERT(context.clock().elapsed() == 60ms);
    }

    void cancelledTimerNeverRuns() {
        FakeContext context;
        int runs = 0;
        const auto id = context.tasks().every(10ms, [&] { ++runs; });
        context.tasks().advance(10ms);
        context.tasks().cancel(id);
        context.tasks().cancel(id);
        context.tasks().advance(1s);
        CPPUNIT_ASSERT_EQUAL(1, runs);
    }

    void taskMayAddTasks() {
        FakeContext context;
        int runs = 0;
        context.tasks().run([&] {
            ++runs;
            context.tasks().run([&] { ++runs; });
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, context.tasks().runDue());
        CPPUNIT_ASSERT_EQUAL(2, runs);
    }

    void clockStandsStillUntilMoved() {
        FakeClock clock;
        CPPUNIT_ASSERT_EQUAL(std::string("2024-01-01T00:00:00Z"), isoTime(clock.now()));
        const auto before = clock.steadyNow();
        clock.advance(90s);
        CPPUNIT_ASSERT_EQUAL(std::string("2024-01-01T00:01:30Z"), isoTime(clock.now()));
        CPPUNIT_ASSERT(clock.steadyNow() - before == 90s);
    }

    void metricsAreOneFigurePerNameAndLabels() {
        FakeMetrics metrics;
        metrics.counter("hits_total", "Hits.", {{"kind", "ts"}}).add();
        metrics.counter("hits_total", "Hits.", {{"kind", "ts"}}).add(2);
        metrics.counter("hits_total", "Hits.", {{"kind", "cmaf"}}).add();
        metrics.gauge("open", "Open.").add(-1);
        metrics.histogram("took_seconds", "Took.", {0.1, 1}).observe(0.5);
        CPPUNIT_ASSERT_EQUAL(3.0, metrics.value("hits_total", {{"kind", "ts"}}));
        CPPUNIT_ASSERT_EQUAL(1.0, metrics.value("hits_total", {{"kind", "cmaf"}}));
        CPPUNIT_ASSERT_EQUAL(0.0, metrics.value("hits_total"));
        CPPUNIT_ASSERT_EQUAL(-1.0, metrics.value("open"));
        CPPUNIT_ASSERT(metrics.observations("took_seconds") == std::vector<double>{0.5});
    }

    void metricsRefuseABadNameOrAnotherKind() {
        FakeMetrics metrics;
        metrics.counter("hits_total", "Hits.");
        CPPUNIT_ASSERT_THROW(metrics.gauge("hits_total", "Hits.", {{"kind", "ts"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(metrics.counter("hits-total", "Hits."), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(metrics.counter("0hits", "Hits."), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(metrics.histogram("took_seconds", "Took.", {1, 1}), std::invalid_argument);
    }

    void storageIsRemovedWithTheContext() {
        std::filesystem::path file;
        {
            FakeContext context("greeting");
            file = context.storage().sharedDirectory("videos") / "note";
            context.storage().writeAtomically(file, "one");
            context.storage().writeAtomically(file, "two");
            std::ifstream stream(file);
            CPPUNIT_ASSERT_EQUAL(std::string("two"), std::string(std::istreambuf_iterator(stream), {}));
            CPPUNIT_ASSERT(std::filesystem::is_directory(context.storage().ownDirectory()));
        }
        CPPUNIT_ASSERT(!std::filesystem::exists(file.parent_path().parent_path()));
    }

    void storageRefusesNamesThatLeaveIt() {
        FakeStorage storage("greeting");
        for (const auto* name : {"", "..", ".hidden", "a/b", "/etc"})
            CPPUNIT_ASSERT_THROW_MESSAGE(name, storage.sharedDirectory(name), std::invalid_argument);
    }

    void servicesAreFoundUntilWithdrawn() {
        FakeContext context;
        EmptyCatalog catalog;
        CPPUNIT_ASSERT(!context.services().find<VideoCatalog>());
        context.services().provide<VideoCatalog>(catalog);
        CPPUNIT_ASSERT(&**context.services().find<VideoCatalog>() == &catalog);
        CPPUNIT_ASSERT_THROW(context.services().provide<VideoCatalog>(catalog), std::invalid_argument);
        context.services().withdraw(VideoCatalog::serviceId);
        CPPUNIT_ASSERT(!context.services().find<VideoCatalog>());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FakeContextTest);
