#include <playhouse/ApiError.h>
#include <playhouse/testing/FakeContext.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace playhouse;
using namespace playhouse::testing;

namespace {

class ListeningPlugin final : public Plugin {
    void start(PluginContext& context) override {
        context.bus().subscribe("topic", [this](const BusMessage& message) {
            heard.push_back((message.isLocal ? "own " : "other ") + message.payload);
        });
        context.bus().onGap([this] { heard.emplace_back("gap"); });
    }

public:
    std::vector<std::string> heard;
};

}  // namespace

/// The bus of plugins' tests: what was published has arrived.
class FakeBusTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FakeBusTest);
    CPPUNIT_TEST(publishingArrivesAtOnceAndIsWrittenDown);
    CPPUNIT_TEST(otherHostsAndGapsArrive);
    CPPUNIT_TEST(publishingThatMustArriveFailsWhileAway);
    CPPUNIT_TEST(refusesWhatTheHostRefuses);
    CPPUNIT_TEST(aSwapTakesTheSubscriptions);
    CPPUNIT_TEST_SUITE_END();

    FakeContext context_;
    ListeningPlugin plugin_;

    using Texts = std::vector<std::string>;

public:
    void setUp() override { context_.start(plugin_); }

    void publishingArrivesAtOnceAndIsWrittenDown() {
        context_.bus().publish("topic", "a");
        context_.bus().publish("other", "b", WhenAway::Fail);
        CPPUNIT_ASSERT((plugin_.heard == Texts{"own a"}));
        const auto published = context_.bus().published();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, published.size());
        CPPUNIT_ASSERT(published[0].topic == "topic" && published[0].payload == "a");
        CPPUNIT_ASSERT(published[1].whenAway == WhenAway::Fail);
    }

    void otherHostsAndGapsArrive() {
        context_.bus().arrive("topic", "a");
        context_.bus().tellGap();
        CPPUNIT_ASSERT((plugin_.heard == Texts{"other a", "gap"}));
        CPPUNIT_ASSERT(context_.bus().published().empty());
    }

    void publishingThatMustArriveFailsWhileAway() {
        context_.bus().setAway(true);
        context_.bus().publish("topic", "a");
        try {
            context_.bus().publish("topic", "b", WhenAway::Fail);
            CPPUNIT_FAIL("not refused");
        } catch (const ApiError& refusal) {
            CPPUNIT_ASSERT_EQUAL(std::string("BUS_UNAVAILABLE"), refusal.code());
        }
        CPPUNIT_ASSERT((plugin_.heard == Texts{"own a"}));
    }

    void refusesWhatTheHostRefuses() {
        CPPUNIT_ASSERT_THROW(context_.bus().subscribe("topic", [](const BusMessage&) {}), std::logic_error);
        CPPUNIT_ASSERT_THROW(context_.bus().onGap([] {}), std::logic_error);
        CPPUNIT_ASSERT_THROW(context_.bus().publish("", "a"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(context_.bus().publish("topic", std::string(1024 * 1024 + 1, 'x')), std::length_error);
    }

    void aSwapTakesTheSubscriptions() {
        FakeContext nextContext;
        ListeningPlugin next;
        context_.swap(plugin_, nextContext, next);
        context_.bus().arrive("topic", "a");
        nextContext.bus().arrive("topic", "b");
        CPPUNIT_ASSERT(plugin_.heard.empty());
        CPPUNIT_ASSERT((next.heard == Texts{"other b"}));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FakeBusTest);
