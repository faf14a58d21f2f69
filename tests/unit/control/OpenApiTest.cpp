#include "FakeAdministration.h"
#include "control/AdminRoutes.h"
#include "control/KeptLogs.h"
#include "control/PluginsJson.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <fstream>
#include <set>

using namespace playhouse::host;

/// host/control/openapi.yaml against what the code does.
class OpenApiTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(OpenApiTest);
    CPPUNIT_TEST(describesEveryRouteAndNoOther);
    CPPUNIT_TEST(describesEveryMemberOfAPluginAndASwap);
    CPPUNIT_TEST(describesTheParametersOfLogs);
    CPPUNIT_TEST_SUITE_END();

    std::vector<std::string> lines_;

    static std::size_t indentOf(const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); }

    static std::string keyOf(const std::string& line) {
        const auto begin = indentOf(line);
        return line.substr(begin, line.find(':', begin) - begin);
    }

    /// The keys right below the path of keys, each indented by two more.
    std::set<std::string> keysBelow(const std::vector<std::string>& path) const {
        std::size_t depth = 0;
        std::set<std::string> keys;
        for (const auto& line : lines_) {
            const auto level = indentOf(line) / 2;
            if (depth == path.size() && level < depth) break;
            if (depth == path.size() && level == depth) keys.insert(keyOf(line));
            if (depth < path.size() && level == depth && keyOf(line) == path[depth]) ++depth;
        }
        return keys;
    }

    static std::set<std::string> membersOf(const boost::json::object& object) {
        std::set<std::string> names;
        for (const auto& [name, value] : object) names.emplace(name);
        return names;
    }

public:
    void setUp() override {
        std::ifstream stream(PLAYHOUSE_ADMIN_OPENAPI);
        for (std::string line; std::getline(stream, line);)
            if (!line.empty()) lines_.push_back(line);
        CPPUNIT_ASSERT(!lines_.empty());
    }

    void describesEveryRouteAndNoOther() {
        FakeAdministration administration;
        KeptLogs logs;
        std::set<std::string> routes;
        for (const auto& route : adminRoutes(administration, logs)) {
            std::string method(playhouse::toString(route.method));
            std::transform(method.begin(), method.end(), method.begin(),
                           [](unsigned char letter) { return std::tolower(letter); });
            routes.insert(method + " " + route.pattern);
        }
        std::set<std::string> described;
        for (const auto& path : keysBelow({"paths"}))
            for (const auto& method : keysBelow({"paths", path})) described.insert(method + " " + path);
        CPPUNIT_ASSERT(!described.empty());
        for (const auto& route : routes) CPPUNIT_ASSERT_MESSAGE("not described: " + route, described.contains(route));
        for (const auto& route : described) CPPUNIT_ASSERT_MESSAGE("no such route: " + route, routes.contains(route));
    }

    void describesEveryMemberOfAPluginAndASwap() {
        PluginStatus serving;
        serving.state = PluginState::Serving;
        CPPUNIT_ASSERT(membersOf(describePlugin(serving)) ==
                       keysBelow({"components", "schemas", "Plugin", "properties"}));
        CPPUNIT_ASSERT(membersOf(describeSwap({})) == keysBelow({"components", "schemas", "Swap", "properties"}));
        LogPage page;
        page.records.push_back({.source = "host", .requestId = "r", .message = "m"});
        const auto record = describeLogs(page).at("records").as_array().at(0).as_object();
        CPPUNIT_ASSERT(membersOf(record) == keysBelow({"components", "schemas", "LogRecord", "properties"}));
    }

    void describesTheParametersOfLogs() {
        std::set<std::string> described;
        for (const auto& line : lines_)
            if (const auto name = line.find("- {name: "); name != std::string::npos)
                described.insert(line.substr(name + 9, line.find(',') - name - 9));
        CPPUNIT_ASSERT((described == std::set<std::string>{"after", "limit", "wait", "level", "plugin", "requestId"}));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OpenApiTest);
