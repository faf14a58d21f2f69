#pragma once

#include "BusListener.h"

#include <playhouse/ApiError.h>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace playhouse::tests {

using Texts = std::vector<std::string>;

/// What the bus promises on one host, with Redis and without.
class BusTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BusTest);
    CPPUNIT_TEST(everySubscriptionHearsItOnce);
    CPPUNIT_TEST(carriesAnyBytes);
    CPPUNIT_TEST(tenThousandComeInOrder);
    CPPUNIT_TEST(whatAHandlerThrowsKeepsNothingBack);
    CPPUNIT_TEST(subscribingIsForStartAlone);
    CPPUNIT_TEST(whatIsNoMessageIsRefused);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

protected:
    virtual host::BusHub& hub() = 0;

public:
    void everySubscriptionHearsItOnce() {
        BusListener chat(hub());
        chat.listen({"auth.ended", "auth.ended", "chat.said"});
        BusListener auth(hub(), "auth");
        auth.listen({"auth.ended"});
        auth.bus().publish("auth.ended", "7", WhenAway::Fail);
        auth.bus().publish("auth.other", "8", WhenAway::Local);
        auth.bus().publish("chat.said", "9", WhenAway::Local);
        CPPUNIT_ASSERT(eventually([&] { return chat.heard().size() >= 3; }));
        auto heard = chat.heard();
        std::sort(heard.begin(), heard.end());
        CPPUNIT_ASSERT((heard == Texts{"own auth.ended 7", "own auth.ended 7", "own chat.said 9"}));
        CPPUNIT_ASSERT((auth.waitFor(1) == Texts{"own auth.ended 7"}));
    }

    void carriesAnyBytes() {
        std::string bytes;
        for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
        bytes += std::string("\r\n\0\xff\xc0", 5);
        const std::string large(1024 * 1024, 'x');
        BusListener listener(hub());
        listener.listen({bytes.substr(0, 200)});
        listener.bus().publish(bytes.substr(0, 200), bytes, WhenAway::Fail);
        listener.bus().publish(bytes.substr(0, 200), large, WhenAway::Fail);
        const auto heard = listener.waitFor(2);
        CPPUNIT_ASSERT_EQUAL("own " + bytes.substr(0, 200) + " " + bytes, heard.at(0));
        CPPUNIT_ASSERT(heard.at(1).ends_with(large));
    }

    void tenThousandComeInOrder() {
        BusListener listener(hub());
        listener.listen({"numbers"});
        constexpr int count = 10'000;
        for (int number = 0; number < count; ++number)
            listener.bus().publish("numbers", std::to_string(number), WhenAway::Local);
        const auto heard = listener.waitFor(count);
        CPPUNIT_ASSERT_EQUAL(std::size_t{count}, heard.size());
        for (int number = 0; number < count; ++number)
            CPPUNIT_ASSERT_EQUAL("own numbers " + std::to_string(number), heard[static_cast<std::size_t>(number)]);
    }

    void whatAHandlerThrowsKeepsNothingBack() {
        BusListener listener(hub());
        listener.bus().beginStart();
        listener.bus().subscribe("topic", [](const BusMessage&) { throw std::runtime_error("always"); });
        listener.bus().subscribe("topic", [](const BusMessage&) { throw 7; });
        listener.listen({"topic"});
        listener.bus().publish("topic", "a", WhenAway::Local);
        listener.bus().publish("topic", "b", WhenAway::Local);
        CPPUNIT_ASSERT((listener.waitFor(2) == Texts{"own topic a", "own topic b"}));
    }

    void subscribingIsForStartAlone() {
        BusListener listener(hub());
        CPPUNIT_ASSERT_THROW(listener.bus().subscribe("topic", [](const BusMessage&) {}), std::logic_error);
        CPPUNIT_ASSERT_THROW(listener.bus().onGap([] {}), std::logic_error);
        listener.listen({"topic"});
        CPPUNIT_ASSERT_THROW(listener.bus().subscribe("topic", [](const BusMessage&) {}), std::logic_error);
    }

    void whatIsNoMessageIsRefused() {
        BusListener listener(hub());
        CPPUNIT_ASSERT_THROW(listener.bus().publish("", "x", WhenAway::Local), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(listener.bus().publish(std::string(257, 't'), "x", WhenAway::Local),
                             std::invalid_argument);
        CPPUNIT_ASSERT_THROW(listener.bus().publish("topic", std::string(1024 * 1024 + 1, 'x'), WhenAway::Local),
                             std::length_error);
        listener.bus().beginStart();
        CPPUNIT_ASSERT_THROW(listener.bus().subscribe("", [](const BusMessage&) {}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(listener.bus().subscribe("topic", nullptr), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(listener.bus().onGap(nullptr), std::invalid_argument);
    }
};

}  // namespace playhouse::tests
