#include "platform/MetricsRegistry.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

using playhouse::host::MetricsRegistry;

/// Plugins' figures appear in the Prometheus text, each with its plugin.
class MetricsRegistryTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MetricsRegistryTest);
    CPPUNIT_TEST(figuresCarryTheirPlugin);
    CPPUNIT_TEST(aSwapDoesNotResetACounter);
    CPPUNIT_TEST(theSameNameAndLabelsAreTheSameFigure);
    CPPUNIT_TEST(aNameOfAnotherKindIsRefused);
    CPPUNIT_TEST(whatPrometheusWouldRefuseIsRefused);
    CPPUNIT_TEST_SUITE_END();

    static void expectLine(const MetricsRegistry& registry, const std::string& line) {
        const auto text = registry.text();
        CPPUNIT_ASSERT_MESSAGE(text, text.find(line + "\n") != std::string::npos);
    }

public:
    void figuresCarryTheirPlugin() {
        MetricsRegistry registry;
        const auto chat = registry.forPlugin("chat");
        const auto drm = registry.forPlugin("drm");
        chat->counter("requests_total", "Requests").add(2);
        drm->counter("requests_total", "Requests").add();
        chat->gauge("rooms", "Rooms", {{"kind", "open"}}).set(7);
        chat->histogram("seconds", "Time", {0.1, 1}).observe(0.5);
        expectLine(registry, "requests_total{plugin=\"chat\"} 2");
        expectLine(registry, "requests_total{plugin=\"drm\"} 1");
        expectLine(registry, "rooms{kind=\"open\",plugin=\"chat\"} 7");
        expectLine(registry, "seconds_bucket{plugin=\"chat\",le=\"0.1\"} 0");
        expectLine(registry, "seconds_bucket{plugin=\"chat\",le=\"1\"} 1");
    }

    void aSwapDoesNotResetACounter() {
        MetricsRegistry registry;
        registry.forPlugin("chat")->counter("requests_total", "Requests").add(2);
        registry.forPlugin("chat")->counter("requests_total", "Requests, in other words").add(3);
        expectLine(registry, "requests_total{plugin=\"chat\"} 5");
    }

    void theSameNameAndLabelsAreTheSameFigure() {
        MetricsRegistry registry;
        const auto chat = registry.forPlugin("chat");
        CPPUNIT_ASSERT(&chat->gauge("rooms", "Rooms") == &chat->gauge("rooms", "Rooms"));
        CPPUNIT_ASSERT(&chat->gauge("rooms", "Rooms") != &chat->gauge("rooms", "Rooms", {{"kind", "open"}}));
    }

    void aNameOfAnotherKindIsRefused() {
        MetricsRegistry registry;
        registry.forPlugin("chat")->counter("rooms", "Rooms");
        const auto drm = registry.forPlugin("drm");
        CPPUNIT_ASSERT_THROW(drm->gauge("rooms", "Rooms"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(drm->histogram("rooms", "Rooms", {1}), std::invalid_argument);
    }

    void whatPrometheusWouldRefuseIsRefused() {
        MetricsRegistry registry;
        const auto chat = registry.forPlugin("chat");
        CPPUNIT_ASSERT_THROW(chat->counter("two words", "?"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(chat->counter("fine", "?", {{"two words", "x"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(chat->counter("fine", "?", {{"plugin", "drm"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(chat->histogram("times", "?", {1}, {{"le", "1"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(chat->histogram("times", "?", {}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(chat->histogram("times", "?", {1, 1}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(chat->histogram("times", "?", {2, 1}), std::invalid_argument);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MetricsRegistryTest);
