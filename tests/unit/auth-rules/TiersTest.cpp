#include "Tiers.h"

#include <playhouse/testing/FakeSettings.h>

#include <cppunit/extensions/HelperMacros.h>

#include <boost/json/serialize.hpp>

#include <map>
#include <stdexcept>
#include <string>

namespace playhouse::auth {

class TiersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TiersTest);
    CPPUNIT_TEST(houseTiersNeedNoConfiguration);
    CPPUNIT_TEST(configuredTiersAreReadInOrder);
    CPPUNIT_TEST(tierThatIsGoneCountsAsTheFirst);
    CPPUNIT_TEST(jsonNamesTheHighestQuality);
    CPPUNIT_TEST(eachRefusalNamesItsKey);
    CPPUNIT_TEST_SUITE_END();

    static Tiers tiers(std::map<std::string, std::string> values) {
        testing::FakeSettings settings("auth", std::move(values));
        Tiers tiers(settings);
        CPPUNIT_ASSERT(settings.unread().empty());
        return tiers;
    }

    void houseTiersNeedNoConfiguration() {
        const auto house = tiers({});
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), house.all().size());
        CPPUNIT_ASSERT((house.first() == Tier{"free", 2, 1, 720}));
        CPPUNIT_ASSERT((*house.find("premium") == Tier{"premium", 10, 4, 2160}));
    }

    void configuredTiersAreReadInOrder() {
        const auto own = tiers({{"tiers", "gold, free"}, {"tier-gold", "1 device, 3 streams, 480p"}});
        CPPUNIT_ASSERT((own.first() == Tier{"gold", 1, 3, 480}));
        CPPUNIT_ASSERT_EQUAL(std::string("free"), own.all()[1].name);
        CPPUNIT_ASSERT(!own.find("premium"));
    }

    void tierThatIsGoneCountsAsTheFirst() {
        CPPUNIT_ASSERT_EQUAL(std::string("free"), tiers({}).of("gold").name);
        CPPUNIT_ASSERT_EQUAL(std::string("basic"), tiers({}).of("basic").name);
    }

    void jsonNamesTheHighestQuality() {
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"name":"free","devices":2,"concurrentStreams":1,"highestQuality":"720p"})"),
            boost::json::serialize(toJson(tiers({}).first())));
    }

    void eachRefusalNamesItsKey() {
        const std::map<std::string, std::string> lists{
            {"", "empty"}, {"free,free", "twice"}, {"Gold", "small letters"}, {std::string(51, 'a'), "1 to 50"}};
        for (const auto& [list, part] : lists) refused({{"tiers", list}}, "plugin.auth.tiers", part);
        for (const auto* text : {"", "2 devices", "0 devices, 1 stream, 720p", "2 devices, 1 stream, 720",
                                 "2 devices, 1 stream, p", "1 stream, 2 devices, 720p", "2 devices, 1 stream, 720p, x",
                                 "1001 devices, 1 stream, 720p", "2 devices, 1 stream, 4321p", "2, 1, 720p"})
            refused({{"tiers", "gold"}, {"tier-gold", text}}, "plugin.auth.tier-gold", "2 devices, 1 stream, 1080p");
        refused({{"tiers", "gold"}}, "plugin.auth.tier-gold", "2 devices");
    }

    static void refused(std::map<std::string, std::string> values, const std::string& key, const std::string& part) {
        try {
            tiers(std::move(values));
        } catch (const std::invalid_argument& error) {
            const std::string message(error.what());
            CPPUNIT_ASSERT_MESSAGE(message, message.find(key) != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(message, message.find(part) != std::string::npos);
            return;
        }
        CPPUNIT_FAIL(key + " was taken");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TiersTest);

}  // namespace playhouse::auth
