#include "TemporaryDirectory.h"
#include "configuration/ConfigurationError.h"
#include "configuration/ConfigurationLoader.h"
#include "configuration/RedisUrl.h"
#include "configuration/Secrets.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <tuple>

using namespace playhouse::host;

/// redis.url, and what is wrong with it.
class RedisUrlTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RedisUrlTest);
    CPPUNIT_TEST(readsEachPart);
    CPPUNIT_TEST(whatIsLeftOutHasItsDefault);
    CPPUNIT_TEST(decodesPercents);
    CPPUNIT_TEST(readsAddressesOfIpv6);
    CPPUNIT_TEST(tlsIsUsedWhereItIsAskedFor);
    CPPUNIT_TEST(aFileOfAuthoritiesThatIsNoneIsRefused);
    CPPUNIT_TEST(saysWhatIsWrongWithoutThePassword);
    CPPUNIT_TEST(theEnvironmentSetsIt);
    CPPUNIT_TEST(withoutOneThereIsNoRedis);
    CPPUNIT_TEST_SUITE_END();

    static std::string refusalOf(const std::string& url) {
        try {
            parseRedisUrl(url);
        } catch (const std::invalid_argument& problem) {
            return problem.what();
        }
        return "not refused";
    }

public:
    void readsEachPart() {
        const auto redis = parseRedisUrl("redis://ann:secret@cache.example:6380/3");
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), redis.user);
        CPPUNIT_ASSERT_EQUAL(std::string("secret"), redis.password);
        CPPUNIT_ASSERT_EQUAL(std::string("cache.example"), redis.host);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{6380}, redis.port);
        CPPUNIT_ASSERT_EQUAL(3, redis.database);
    }

    void whatIsLeftOutHasItsDefault() {
        for (const auto* const url : {"redis://h", "redis://h/", "redis://h:6379", "redis://h:6379/0"}) {
            const auto redis = parseRedisUrl(url);
            CPPUNIT_ASSERT_EQUAL(std::string("h"), redis.host);
            CPPUNIT_ASSERT_EQUAL(std::uint16_t{6379}, redis.port);
            CPPUNIT_ASSERT_EQUAL(0, redis.database);
            CPPUNIT_ASSERT(redis.user.empty() && redis.password.empty());
        }
        CPPUNIT_ASSERT_EQUAL(std::string("p"), parseRedisUrl("redis://:p@h").password);
    }

    void decodesPercents() {
        const auto redis = parseRedisUrl("redis://a%3Ab:p%40s%2Fs%25%20%C3%A9@h");
        CPPUNIT_ASSERT_EQUAL(std::string("a:b"), redis.user);
        CPPUNIT_ASSERT_EQUAL(std::string("p@s/s% \xC3\xA9"), redis.password);
        CPPUNIT_ASSERT_EQUAL(std::string("p@s+s"), parseRedisUrl("redis://:p@s+s@h").password);
    }

    void readsAddressesOfIpv6() {
        const auto redis = parseRedisUrl("redis://[::1]:6380/1");
        CPPUNIT_ASSERT_EQUAL(std::string("::1"), redis.host);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{6380}, redis.port);
        CPPUNIT_ASSERT_EQUAL(std::string("::1"), parseRedisUrl("redis://[::1]").host);
    }

    void tlsIsUsedWhereItIsAskedFor() {
        const auto redis = parseRedisUrl("rediss://ann:secret@cache.example/3");
        CPPUNIT_ASSERT(!redis.tls.isNull());
        CPPUNIT_ASSERT_EQUAL(std::string("cache.example"), redis.host);
        CPPUNIT_ASSERT_EQUAL(std::string("secret"), redis.password);
        CPPUNIT_ASSERT_EQUAL(3, redis.database);
        CPPUNIT_ASSERT(parseRedisUrl("redis://h").tls.isNull());
    }

    void aFileOfAuthoritiesThatIsNoneIsRefused() {
        const TemporaryDirectory directory;
        const auto authorities = directory.write("authorities.pem", "no certificate\n").string();
        const auto refusal = [](const std::string& url, const std::string& file) {
            ConfigurationSources sources{.file = std::nullopt,
                                         .environment = {},
                                         .definitions = {"redis.url=" + url, "redis.ca-file=" + file},
                                         .workingDirectory = "/",
                                         .executableDirectory = "/"};
            try {
                loadConfiguration(sources);
            } catch (const ConfigurationError& problem) {
                return std::string(problem.what());
            }
            return std::string("not refused");
        };
        for (const auto& file : {authorities, (directory.path() / "absent.pem").string()}) {
            const auto told = refusal("rediss://h", file);
            CPPUNIT_ASSERT_MESSAGE(told, told.find("redis.ca-file: " + file + " cannot be used") != std::string::npos);
        }
        const auto plain = refusal("redis://h", authorities);
        CPPUNIT_ASSERT_MESSAGE(plain, plain.find("does not begin with rediss://") != std::string::npos);
    }

    void saysWhatIsWrongWithoutThePassword() {
        for (const auto& [url, said] : {std::tuple{"localhost:6379", "does not begin with redis://"},
                                        {"http://:hunter2@h", "does not begin with redis://"},
                                        {"rediss://:hunter2@", "there is no host"},
                                        {"redisss://:hunter2@h", "does not begin with redis://"},
                                        {"redis://", "there is no host"},
                                        {"redis://:hunter2@", "there is no host"},
                                        {"redis://:hunter2@:6379", "there is no host"},
                                        {"redis://hunter2@h", "a user needs a password"},
                                        {"redis://ann:@h", "a user needs a password"},
                                        {"redis://:hunter2@h:0", "the port is no number from 1 to 65535"},
                                        {"redis://:hunter2@h:65536", "the port"},
                                        {"redis://:hunter2@h:", "the port"},
                                        {"redis://:hunter2@h:six", "the port"},
                                        {"redis://:hunter2@h/minus", "the database is no number"},
                                        {"redis://:hunter2@h/-1", "the database"},
                                        {"redis://:hunter2@h/1/2", "the database"},
                                        {"redis://:hunter2%@h", "the password has a \"%\""},
                                        {"redis://:hunter2%4@h", "the password has a \"%\""},
                                        {"redis://:hunter2%zz@h", "the password has a \"%\""},
                                        {"redis://:hunter2@[::1", "lacks its \"]\""},
                                        {"redis://:hunter2@[::1]6379", "a port may follow"},
                                        {"redis://:hunter2@a host", "no name and no address"},
                                        {"redis://:hunter2@h?db=1", "have no meaning here"},
                                        {"redis://:hunter2@h#1", "have no meaning here"}}) {
            const auto refusal = refusalOf(url);
            CPPUNIT_ASSERT_MESSAGE(std::string(url) + ": " + refusal, refusal.find(said) != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("hunter2") == std::string::npos);
        }
    }

    void theEnvironmentSetsIt() {
        const TemporaryDirectory plugins;
        ConfigurationSources sources{
            .file = std::nullopt,
            .environment = {{"REDIS_URL", "redis://:hunter2@h/2"}},
            .definitions = {"redis.patience=200 ms", "redis.connections=3", "redis.retry-interval=10 s",
                            "plugins.directory=" + plugins.path().string()},
            .workingDirectory = "/",
            .executableDirectory = "/"};
        const auto loaded = loadConfiguration(sources);
        CPPUNIT_ASSERT(loaded.host.redis && loaded.unread.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("h"), loaded.host.redis->host);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, loaded.host.redis->connections);
        CPPUNIT_ASSERT(loaded.host.redis->patience == std::chrono::milliseconds(200));
        CPPUNIT_ASSERT(loaded.host.redis->maximumRetryInterval == std::chrono::seconds(10));
        CPPUNIT_ASSERT_EQUAL(std::string("redis://:********@h/2"),
                             withoutSecrets("redis.url", loaded.values.at("redis.url").text));

        sources.environment["REDIS_URL"] = "redis://:hunter2@h/x";
        try {
            loadConfiguration(sources);
            CPPUNIT_FAIL("not refused");
        } catch (const ConfigurationError& problem) {
            const std::string text = problem.what();
            CPPUNIT_ASSERT_MESSAGE(text, text.starts_with("environment variable REDIS_URL: redis.url: the database"));
            CPPUNIT_ASSERT_MESSAGE(text, text.find("hunter2") == std::string::npos);
        }
    }

    void withoutOneThereIsNoRedis() {
        const TemporaryDirectory plugins;
        const auto loaded = loadConfiguration({.file = std::nullopt,
                                               .environment = {},
                                               .definitions = {"plugins.directory=" + plugins.path().string()},
                                               .workingDirectory = "/",
                                               .executableDirectory = "/"});
        CPPUNIT_ASSERT(!loaded.host.redis);
        CPPUNIT_ASSERT_EQUAL(std::size_t{64} * 1024 * 1024, loaded.host.cacheSize);
        CPPUNIT_ASSERT_EQUAL(std::size_t{16} * 1024 * 1024, loaded.host.busQueueSize);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedisUrlTest);
