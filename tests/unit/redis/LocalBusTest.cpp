#include "BusTest.h"

#include "platform/MetricsRegistry.h"

#include <atomic>
#include <future>

using namespace playhouse;
using namespace playhouse::host;
using namespace playhouse::tests;

/// Messages in this process, and whose they are while generations come and go.
class LocalBusTest : public BusTest {
    CPPUNIT_TEST_SUB_SUITE(LocalBusTest, BusTest);
    CPPUNIT_TEST(nothingComesBeforePublication);
    CPPUNIT_TEST(nothingComesAfterWithdrawal);
    CPPUNIT_TEST(waitsWhileTheGenerationIsHeldAndGoesToTheNext);
    CPPUNIT_TEST(aHeldGenerationThatGoesOnHearsWhatWaited);
    CPPUNIT_TEST(swappingUnderLoadLosesAndDoublesNothing);
    CPPUNIT_TEST(aTopicThatTheNextDoesNotWantIsDropped);
    CPPUNIT_TEST(aRunningHandlerHoldsALease);
    CPPUNIT_TEST(revokingDestroysTheHandlers);
    CPPUNIT_TEST(theOldestGoWhenAHandlerIsTooSlow);
    CPPUNIT_TEST(waitsWhenAllWorkersAreBusy);
    CPPUNIT_TEST(gapsComeAsOneUntilTheyAreLookedAfter);
    CPPUNIT_TEST(aGapWhoseHandlerFailsIsToldAgain);
    CPPUNIT_TEST(aGapThatIsNotLookedAfterGoesToTheNext);
    CPPUNIT_TEST_SUITE_END();

    MetricsRegistry metrics_;
    WorkerPool workers_{2, 4};
    TimerQueue timers_;
    BusHub hub_{timers_, workers_, 64 * 1024 * 1024, &metrics_.registry()};

    BusHub& hub() override { return hub_; }

public:
    void nothingComesBeforePublication() {
        BusListener listener(hub_);
        listener.stage({"topic"});
        hub_.publish("topic", "early", WhenAway::Local);
        listener.bus().goLive(nullptr);
        hub_.publish("topic", "late", WhenAway::Local);
        CPPUNIT_ASSERT((listener.waitFor(1) == Texts{"own topic late"}));
    }

    void nothingComesAfterWithdrawal() {
        BusListener listener(hub_);
        listener.listen({"topic"});
        BusListener other(hub_, "other");
        other.listen({"topic"});
        listener.bus().withdraw();
        hub_.publish("topic", "late", WhenAway::Local);
        other.waitFor(1);
        CPPUNIT_ASSERT(listener.heard().empty());
    }

    void waitsWhileTheGenerationIsHeldAndGoesToTheNext() {
        BusListener old(hub_);
        old.listen({"topic"});
        old.gate().hold();
        for (const auto* const text : {"a", "b", "c"}) hub_.publish("topic", text, WhenAway::Local);
        BusListener next(hub_);
        next.listen({"topic"}, &old);
        old.gate().close();
        hub_.publish("topic", "d", WhenAway::Local);
        CPPUNIT_ASSERT((next.waitFor(4) == Texts{"own topic a", "own topic b", "own topic c", "own topic d"}));
        old.retire();
        CPPUNIT_ASSERT(old.heard().empty());
    }

    void aHeldGenerationThatGoesOnHearsWhatWaited() {
        BusListener listener(hub_);
        listener.listen({"topic"});
        listener.gate().hold();
        hub_.publish("topic", "a", WhenAway::Local);
        CPPUNIT_ASSERT(listener.heard().empty());
        listener.gate().open();
        CPPUNIT_ASSERT((listener.waitFor(1) == Texts{"own topic a"}));
    }

    void swappingUnderLoadLosesAndDoublesNothing() {
        constexpr int count = 20'000;
        std::vector<std::unique_ptr<BusListener>> generations;
        generations.push_back(std::make_unique<BusListener>(hub_));
        generations.back()->listen({"numbers"});
        std::atomic<bool> done{false};
        std::thread publisher([&] {
            for (int number = 0; number < count; ++number)
                hub_.publish("numbers", std::to_string(number), WhenAway::Local);
            done = true;
        });
        while (!done) {
            auto& old = *generations.back();
            const bool movesState = generations.size() % 2 == 0;
            if (movesState) {
                old.gate().hold();
                old.gate().waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::minutes(1));
            }
            generations.push_back(std::make_unique<BusListener>(hub_));
            generations.back()->listen({"numbers"}, &old);
            old.retire();
        }
        publisher.join();
        const auto all = [&] {
            Texts heard;
            for (const auto& generation : generations)
                for (auto& text : generation->heard()) heard.push_back(std::move(text));
            return heard;
        };
        CPPUNIT_ASSERT(eventually([&] { return all().size() >= count; }));
        const auto heard = all();
        CPPUNIT_ASSERT_EQUAL(std::size_t{count}, heard.size());
        CPPUNIT_ASSERT(generations.size() > 2);
        for (int number = 0; number < count; ++number)
            CPPUNIT_ASSERT_EQUAL("own numbers " + std::to_string(number), heard[static_cast<std::size_t>(number)]);
    }

    void aTopicThatTheNextDoesNotWantIsDropped() {
        BusListener old(hub_);
        old.listen({"unwanted", "wanted"});
        old.gate().hold();
        hub_.publish("unwanted", "a", WhenAway::Local);
        hub_.publish("wanted", "b", WhenAway::Local);
        BusListener next(hub_);
        next.listen({"wanted", "new"}, &old);
        old.gate().close();
        CPPUNIT_ASSERT((next.waitFor(1) == Texts{"own wanted b"}));
    }

    void aRunningHandlerHoldsALease() {
        BusListener listener(hub_);
        std::promise<void> begun;
        std::promise<void> mayEnd;
        listener.bus().beginStart();
        listener.bus().subscribe("topic", [&](const BusMessage&) {
            begun.set_value();
            mayEnd.get_future().wait();
        });
        listener.listen({});
        hub_.publish("topic", "", WhenAway::Local);
        begun.get_future().wait();
        listener.gate().close();
        CPPUNIT_ASSERT(!listener.gate().waitUntilIdle(std::chrono::steady_clock::now()));
        mayEnd.set_value();
        CPPUNIT_ASSERT(listener.gate().waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    }

    void revokingDestroysTheHandlers() {
        auto owned = std::make_shared<int>(1);
        const std::weak_ptr<int> left = owned;
        BusListener listener(hub_);
        listener.bus().beginStart();
        listener.bus().subscribe("topic", [owned](const BusMessage&) {});
        listener.bus().onGap([owned] {});
        listener.listen({});
        owned.reset();
        CPPUNIT_ASSERT(!left.expired());
        listener.retire();
        CPPUNIT_ASSERT(left.expired());
        hub_.publish("topic", "", WhenAway::Local);
    }

    void theOldestGoWhenAHandlerIsTooSlow() {
        BusHub small(timers_, workers_, 10'000, &metrics_.registry());
        BusListener listener(small);
        listener.listen({"topic"});
        listener.gate().hold();
        const std::string filling(900, '.');
        for (int number = 0; number < 100; ++number)
            small.publish("topic", std::to_string(number) + filling, WhenAway::Local);
        listener.gate().open();
        CPPUNIT_ASSERT(eventually(
            [&] { return !listener.heard().empty() && listener.heard().back().starts_with("own topic 99"); }));
        const auto heard = listener.heard();
        // One may have been on its way.
        CPPUNIT_ASSERT(heard.size() >= 5 && heard.size() <= 11);
        const auto dropped = "playhouse_bus_dropped_total{plugin=\"chat\"} " + std::to_string(100 - heard.size());
        CPPUNIT_ASSERT_MESSAGE(metrics_.text(), metrics_.text().find(dropped) != std::string::npos);
    }

    void waitsWhenAllWorkersAreBusy() {
        std::promise<void> mayEnd;
        const auto ended = mayEnd.get_future().share();
        while (workers_.submit([ended] { ended.wait(); })) continue;
        BusListener listener(hub_);
        listener.listen({"topic"});
        hub_.publish("topic", "a", WhenAway::Local);
        mayEnd.set_value();
        CPPUNIT_ASSERT((listener.waitFor(1) == Texts{"own topic a"}));
    }

    void gapsComeAsOneUntilTheyAreLookedAfter() {
        BusListener listener(hub_);
        listener.listen({});
        listener.gate().hold();
        for (int gap = 0; gap < 5; ++gap) hub_.tellGap();
        listener.gate().open();
        CPPUNIT_ASSERT(eventually([&] { return listener.gaps() == 1; }));
        hub_.tellGap();
        CPPUNIT_ASSERT(eventually([&] { return listener.gaps() == 2; }));
    }

    void aGapWhoseHandlerFailsIsToldAgain() {
        std::atomic<int> succeeding{0};
        std::atomic<int> failing{0};
        BusListener listener(hub_);
        listener.bus().beginStart();
        listener.bus().onGap([&] {
            if (++succeeding == 1) throw std::runtime_error("the database is away");
        });
        listener.bus().onGap([&] {
            ++failing;
            throw 7;
        });
        listener.listen({});
        hub_.tellGap();
        CPPUNIT_ASSERT(eventually([&] { return succeeding == 2 && failing >= 2; }));
        // One that has succeeded is told of the next gap alone, and one that has not can be retired.
        hub_.tellGap();
        CPPUNIT_ASSERT(eventually([&] { return succeeding == 3; }));
    }

    void aGapThatIsNotLookedAfterGoesToTheNext() {
        std::promise<void> begun;
        std::promise<void> mayEnd;
        BusListener old(hub_);
        old.bus().beginStart();
        old.bus().onGap([&] {
            begun.set_value();
            mayEnd.get_future().wait();
            throw std::runtime_error("the database is away");
        });
        old.bus().endStart();
        old.bus().goLive(nullptr);
        hub_.tellGap();
        begun.get_future().wait();
        BusListener next(hub_);
        next.listen({}, &old);
        mayEnd.set_value();
        CPPUNIT_ASSERT(eventually([&] { return next.gaps() == 1; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LocalBusTest);
