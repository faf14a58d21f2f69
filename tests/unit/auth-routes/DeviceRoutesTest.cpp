#include "AuthHost.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::testing;
using std::string;

class DeviceRoutesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DeviceRoutesTest);
    CPPUNIT_TEST(tierLimitsDevices);
    CPPUNIT_TEST(devicesOfOthersAreNotThere);
    CPPUNIT_TEST(unknownKindsAndFieldsAreRefused);
    CPPUNIT_TEST_SUITE_END();

    AuthHost host_{std::map<string, string>{{"tiers", "small, large"},
                                            {"tier-small", "2 devices, 1 stream, 720p"},
                                            {"tier-large", "9 devices, 3 streams, 2160p"}}};

    Response add(const AuthHost::Member& member, const boost::json::object& body) {
        return host_.ask(Method::Post, "/auth/devices", member.accessToken, body);
    }

public:
    void tierLimitsDevices() {
        const auto ann = host_.join("ann");
        const auto first = add(ann, {{"name", "Living room"}, {"kind", "tv"}});
        CPPUNIT_ASSERT_EQUAL(string("201"), outcome(first));
        CPPUNIT_ASSERT_EQUAL(string("201"), outcome(add(ann, {{"name", "Phone"}, {"kind", "phone"}})));
        CPPUNIT_ASSERT_EQUAL(string("409 DEVICE_LIMIT"), outcome(add(ann, {{"name", "Third"}})));
        const auto data = jsonData(host_.ask(Method::Get, "/auth/devices", ann.accessToken));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), data.at("devices").as_array().size());
        CPPUNIT_ASSERT_EQUAL(2, int(data.at("limit").to_number<int>()));
        const string id(jsonData(first).at("id").as_string());
        CPPUNIT_ASSERT_EQUAL(string("204"), outcome(host_.ask(Method::Delete, "/auth/devices/" + id, ann.accessToken)));
        CPPUNIT_ASSERT_EQUAL(string("201"), outcome(add(ann, {{"name", "Third"}})));
    }

    void devicesOfOthersAreNotThere() {
        const auto ann = host_.join("ann");
        const auto bob = host_.join("bob");
        const string id(jsonData(add(bob, {{"name", "TV"}})).at("id").as_string());
        for (const auto& one : {id, string("no-uuid")})
            CPPUNIT_ASSERT_EQUAL(string("404 DEVICE_NOT_FOUND"),
                                 outcome(host_.ask(Method::Delete, "/auth/devices/" + one, ann.accessToken)));
    }

    void unknownKindsAndFieldsAreRefused() {
        const auto ann = host_.join("ann");
        CPPUNIT_ASSERT_EQUAL(string("400 INVALID_FIELDS"), outcome(add(ann, {{"name", "TV"}, {"kind", "toaster"}})));
        CPPUNIT_ASSERT_EQUAL(string("400 INVALID_FIELDS"), outcome(add(ann, {{"name", "TV"}, {"userId", ann.id}})));
        CPPUNIT_ASSERT_EQUAL(string("400 INVALID_FIELDS"), outcome(add(ann, {})));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeviceRoutesTest);
