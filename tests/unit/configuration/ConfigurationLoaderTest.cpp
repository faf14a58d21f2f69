#include "configuration/ConfigurationLoader.h"

#include "LoaderFixture.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::host;

class ConfigurationLoaderTest : public LoaderFixture {
    CPPUNIT_TEST_SUITE(ConfigurationLoaderTest);
    CPPUNIT_TEST(hasDefaultsWithoutAFile);
    CPPUNIT_TEST(defaultsAreThoseOfTheEdge);
    CPPUNIT_TEST(channelKeysReachTheEdge);
    CPPUNIT_TEST(strongerSourcesWin);
    CPPUNIT_TEST(emptyEnvironmentVariablesCountAsNotSet);
    CPPUNIT_TEST(namesTheNearestKeyOfAnUnknownOne);
    CPPUNIT_TEST(saysWhatAKeyTakes);
    CPPUNIT_TEST(tellsEveryProblemAtOnce);
    CPPUNIT_TEST(relativePathsCountFromTheWorkingDirectory);
    CPPUNIT_TEST(refusesASocketPathThatNoSocketCanHave);
    CPPUNIT_TEST(controlOverTheNetworkNeedsALongToken);
    CPPUNIT_TEST(listsVariablesThatNothingReadsYet);
    CPPUNIT_TEST(namesChangesThatNeedARestart);
    CPPUNIT_TEST_SUITE_END();

public:
    void hasDefaultsWithoutAFile() {
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{3000}, loaded.host.edge.port);
        CPPUNIT_ASSERT_EQUAL((directory_.path() / "storage").string(), loaded.host.storagePath.string());
        CPPUNIT_ASSERT_EQUAL((directory_.path() / "storage/control.sock").string(),
                             loaded.host.control.socket.string());
        CPPUNIT_ASSERT_EQUAL((directory_.path() / "lib/plugins").string(), loaded.host.pluginsDirectory.string());
        CPPUNIT_ASSERT(loaded.files.empty());
    }

    void defaultsAreThoseOfTheEdge() {
        const auto edge = loadConfiguration(sources_).host.edge;
        const EdgeSettings own;
        CPPUNIT_ASSERT_EQUAL(own.address, edge.address);
        CPPUNIT_ASSERT_EQUAL(own.port, edge.port);
        CPPUNIT_ASSERT_EQUAL(own.loops, edge.loops);
        CPPUNIT_ASSERT_EQUAL(own.maximumHeaderSize, edge.maximumHeaderSize);
        CPPUNIT_ASSERT_EQUAL(own.maximumTargetSize, edge.maximumTargetSize);
        CPPUNIT_ASSERT_EQUAL(own.maximumBodySize, edge.maximumBodySize);
        CPPUNIT_ASSERT_EQUAL(own.maximumConnections, edge.maximumConnections);
        CPPUNIT_ASSERT_EQUAL(own.maximumConnectionsPerAddress, edge.maximumConnectionsPerAddress);
        CPPUNIT_ASSERT_EQUAL(own.maximumRequestsInFlight, edge.maximumRequestsInFlight);
        CPPUNIT_ASSERT_EQUAL(own.minimumRate, edge.minimumRate);
        CPPUNIT_ASSERT(own.headerTimeout == edge.headerTimeout && own.bodyTimeout == edge.bodyTimeout);
        CPPUNIT_ASSERT(own.idleTimeout == edge.idleTimeout && own.sendTimeout == edge.sendTimeout);
        CPPUNIT_ASSERT_EQUAL(own.compression, edge.compression);
        CPPUNIT_ASSERT_EQUAL(own.compressionMinimumSize, edge.compressionMinimumSize);
        CPPUNIT_ASSERT_EQUAL(own.accessLog, edge.accessLog);
        CPPUNIT_ASSERT(own.cors.allowedOrigins == edge.cors.allowedOrigins);
        CPPUNIT_ASSERT(own.cors.allowedHeaders == edge.cors.allowedHeaders);
        CPPUNIT_ASSERT(own.cors.exposedHeaders == edge.cors.exposedHeaders);
        CPPUNIT_ASSERT(own.cors.preflightLifetime == edge.cors.preflightLifetime);
        CPPUNIT_ASSERT(own.channels == edge.channels);
        const auto swap = loadConfiguration(sources_).host.swap;
        const SwapSettings ownSwap;
        CPPUNIT_ASSERT(ownSwap.startTimeout == swap.startTimeout && ownSwap.holdTimeout == swap.holdTimeout);
        CPPUNIT_ASSERT(ownSwap.drainTimeout == swap.drainTimeout && ownSwap.reportPatience == swap.reportPatience);
        CPPUNIT_ASSERT_EQUAL(ownSwap.maximumHeldRequests, swap.maximumHeldRequests);
        CPPUNIT_ASSERT_EQUAL(ownSwap.maximumStateSize, swap.maximumStateSize);
    }

    void channelKeysReachTheEdge() {
        sources_.definitions = {"channels.maximum-message-size=2 KiB", "channels.maximum-message-rate=3",
                                "channels.maximum-queue-size=4 KiB",   "channels.ping-interval=5 s",
                                "channels.pong-timeout=6 s",           "channels.close-timeout=7 s",
                                "channels.compression=true",           "channels.compression-minimum-size=8"};
        ChannelSettings expected;
        expected.maximumMessageSize = 2048;
        expected.maximumMessageRate = 3;
        expected.maximumQueueSize = 4096;
        expected.pingInterval = std::chrono::seconds(5);
        expected.pongTimeout = std::chrono::seconds(6);
        expected.closeTimeout = std::chrono::seconds(7);
        expected.compression = true;
        expected.compressionMinimumSize = 8;
        CPPUNIT_ASSERT(expected == loadConfiguration(sources_).host.edge.channels);
    }

    void strongerSourcesWin() {
        directory_.write("base",
                         "server.port = 1\nserver.loops = 1\nworkers.threads = 1\nworkers.maximum-waiting = 1\n");
        sources_.file =
            directory_.write("own", "include = base\nserver.port = 2\nserver.loops = 2\nworkers.threads = 2\n");
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{2}, loadConfiguration(sources_).host.edge.port);
        sources_.environment["PORT"] = "3";
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{3}, loadConfiguration(sources_).host.edge.port);
        sources_.definitions = {"server.port=4"};
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{4}, loaded.host.edge.port);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, loaded.host.edge.loops);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, loaded.host.mostWaitingWork);
        CPPUNIT_ASSERT_EQUAL(sources_.file->string() + ":3", loaded.values.at("server.loops").origin);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, loaded.files.size());
    }

    void emptyEnvironmentVariablesCountAsNotSet() {
        sources_.environment = {{"PORT", ""}, {"JWT_SECRET", ""}};
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{3000}, loaded.host.edge.port);
        CPPUNIT_ASSERT(loaded.unread.empty());
    }

    void namesTheNearestKeyOfAnUnknownOne() {
        sources_.file = directory_.write("own", "\nserver.prot = 80\n");
        CPPUNIT_ASSERT_EQUAL(sources_.file->string() + ":2: unknown key \"server.prot\"; did you mean \"server.port\"?",
                             refusal());
    }

    void saysWhatAKeyTakes() {
        sources_.environment["PORT"] = "80000";
        CPPUNIT_ASSERT_EQUAL(
            std::string("environment variable PORT: server.port = 80000 is not allowed; it takes a whole "
                        "number from 0 to 65535"),
            refusal());
        for (const auto& [key, value, said] : {std::tuple{"http.idle-timeout", "75", "a duration, such as"},
                                               {"http.idle-timeout", "0 s", "above 0"},
                                               {"http.maximum-header-size", "12", "from 1024"},
                                               {"http.compression", "maybe", "true or false"},
                                               {"http.maximum-requests-in-flight", "0", "requests from 1"},
                                               {"http.maximum-connections-per-address", "-1", "connections from 0"},
                                               {"http.minimum-rate", "fast", "a size in bytes"},
                                               {"channels.ping-interval", "10 ms", "from 1000 ms"},
                                               {"channels.maximum-queue-size", "1", "from 1024"},
                                               {"log.level", "loud", "one of error, warning, info, debug"},
                                               {"server.address", "here", "IPv4 or IPv6"},
                                               {"control.socket-mode", "0999", "octal"},
                                               {"http.idle-timeout", "9999999999 h", "a duration"}}) {
            sources_.environment.clear();
            sources_.definitions = {std::string(key) + "=" + value};
            const auto text = refusal();
            CPPUNIT_ASSERT_MESSAGE(text, text.find(std::string("-D: ") + key + " = " + value) == 0);
            CPPUNIT_ASSERT_MESSAGE(text, text.find(said) != std::string::npos);
        }
    }

    void tellsEveryProblemAtOnce() {
        sources_.definitions = {"server.port=x", "log.level=y", "nonsense"};
        try {
            loadConfiguration(sources_);
            CPPUNIT_FAIL("accepted");
        } catch (const ConfigurationError& error) {
            CPPUNIT_ASSERT_EQUAL(std::size_t{3}, error.problems().size());
        }
    }

    void relativePathsCountFromTheWorkingDirectory() {
        sources_.file = directory_.write("etc/own", "storage.path = media\ncontrol.socket = ../c.sock\n");
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT_EQUAL((directory_.path() / "media").string(), loaded.host.storagePath.string());
        CPPUNIT_ASSERT_EQUAL((directory_.path().parent_path() / "c.sock").string(),
                             loaded.host.control.socket.string());
        CPPUNIT_ASSERT_EQUAL((directory_.path() / "media/generations").string(),
                             loaded.host.generationsDirectory.string());
    }

    void refusesASocketPathThatNoSocketCanHave() {
        sources_.definitions = {"control.socket=/" + std::string(120, 'x')};
        CPPUNIT_ASSERT(refusal().find("longer than the 107 characters") != std::string::npos);
        sources_.definitions.push_back("control.enabled=false");
        loadConfiguration(sources_);
    }

    void controlOverTheNetworkNeedsALongToken() {
        sources_.definitions = {"control.port=9000"};
        CPPUNIT_ASSERT(refusal().find("control.port = 9000 needs control.token") != std::string::npos);
        for (const std::string token : {"tooshort", "with blanks and enough length"}) {
            sources_.definitions = {"control.port=9000", "control.token=" + token};
            CPPUNIT_ASSERT_EQUAL_MESSAGE(refusal(), std::string::npos, refusal().find(token));
        }
        sources_.definitions = {"control.port=9000"};
        sources_.environment["PLAYHOUSE_TOKEN"] = "0123456789abcdef";
        const auto control = loadConfiguration(sources_).host.control;
        CPPUNIT_ASSERT_EQUAL(std::string("0123456789abcdef"), control.token);
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), control.address);
    }

    void listsVariablesThatNothingReadsYet() {
        sources_.environment = {{"STORAGE_TYPE", "s3"}, {"CDN_CACHE_TTL", "60"}, {"PORT", "1"}};
        const auto loaded = loadConfiguration(sources_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, loaded.unread.size());
        CPPUNIT_ASSERT(loaded.unread.contains("STORAGE_TYPE") && loaded.unread.contains("CDN_CACHE_TTL"));
    }

    void namesChangesThatNeedARestart() {
        const auto before = loadConfiguration(sources_).values;
        sources_.definitions = {"server.port=1", "http.idle-timeout=1 s"};
        const auto after = loadConfiguration(sources_).values;
        CPPUNIT_ASSERT((changesThatNeedARestart(before, after) == std::vector<std::string>{"server.port"}));
        CPPUNIT_ASSERT(changesThatNeedARestart(after, after).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigurationLoaderTest);
