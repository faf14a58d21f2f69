#pragma once

#include "platform/LoopThread.h"
#include "platform/cache/CacheStore.h"
#include "platform/cache/PluginCache.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace playhouse::tests {

/// What every cache promises, wherever its values lie.
class CacheTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CacheTest);
    CPPUNIT_TEST(keepsAnyBytes);
    CPPUNIT_TEST(aNewValueReplacesTheOldOne);
    CPPUNIT_TEST(onlyTheFirstAdds);
    CPPUNIT_TEST(oneOfManyAtOnceAdds);
    CPPUNIT_TEST(countsFromNothingAndExactly);
    CPPUNIT_TEST(manyAtOnceCountTogether);
    CPPUNIT_TEST(whatIsNoNumberIsNotCounted);
    CPPUNIT_TEST(removingTellsWhetherThereWasOne);
    CPPUNIT_TEST(pluginsHaveKeysOfTheirOwn);
    CPPUNIT_TEST(tooMuchIsRefused);
    CPPUNIT_TEST(makesWhatIsMissingOnce);
    CPPUNIT_TEST(whatMakingThrowsGoesToAllAndIsNotKept);
    CPPUNIT_TEST(makingItselfIsRefused);
    CPPUNIT_TEST(aLoopThreadWaitsForNobodysMaking);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

protected:
    virtual host::CacheStore& store() = 0;

    static constexpr std::chrono::milliseconds long_{60'000};
    static constexpr WhenAway fail_ = WhenAway::Fail;

    std::unique_ptr<host::PluginCache> cacheOf(const std::string& plugin) {
        return std::make_unique<host::PluginCache>(store(), plugin);
    }

public:
    void keepsAnyBytes() {
        const auto cache = cacheOf("chat");
        std::string bytes;
        for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
        bytes += std::string("\r\n\0\xff\xc0\x80", 6);
        cache->set(bytes, bytes, long_, fail_);
        CPPUNIT_ASSERT(cache->get(bytes, fail_) == bytes);
        cache->set("empty", "", long_, fail_);
        CPPUNIT_ASSERT(cache->get("empty", fail_) == "");
        CPPUNIT_ASSERT(!cache->get("nothing", fail_));
    }

    void aNewValueReplacesTheOldOne() {
        const auto cache = cacheOf("chat");
        cache->set("key", "old", long_, fail_);
        cache->set("key", "new", long_, fail_);
        CPPUNIT_ASSERT(cache->get("key", fail_) == "new");
    }

    void onlyTheFirstAdds() {
        const auto cache = cacheOf("chat");
        CPPUNIT_ASSERT(cache->add("key", "first", long_, fail_));
        CPPUNIT_ASSERT(!cache->add("key", "second", long_, fail_));
        CPPUNIT_ASSERT(cache->get("key", fail_) == "first");
    }

    void oneOfManyAtOnceAdds() {
        const auto cache = cacheOf("chat");
        std::atomic<int> added{0};
        atOnce([&] { added += cache->add("key", "mine", long_, fail_) ? 1 : 0; });
        CPPUNIT_ASSERT_EQUAL(1, added.load());
    }

    void countsFromNothingAndExactly() {
        const auto cache = cacheOf("chat");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, cache->increment("n", 3, long_, fail_));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-2}, cache->increment("n", -5, long_, fail_));
        CPPUNIT_ASSERT(cache->get("n", fail_) == "-2");
        // Beyond what a double holds.
        constexpr std::int64_t large = (std::int64_t{1} << 60) + 1;
        CPPUNIT_ASSERT_EQUAL(large, cache->increment("large", large, long_, fail_));
        CPPUNIT_ASSERT_EQUAL(large + 2, cache->increment("large", 2, long_, fail_));
    }

    void manyAtOnceCountTogether() {
        const auto cache = cacheOf("chat");
        atOnce([&] {
            for (int round = 0; round < 100; ++round) cache->increment("n", 1, long_, fail_);
        });
        CPPUNIT_ASSERT(cache->get("n", fail_) == "800");
    }

    void whatIsNoNumberIsNotCounted() {
        const auto cache = cacheOf("chat");
        for (const auto* const text : {"some text", "", "1.5", "1x", "99999999999999999999"}) {
            cache->set("key", text, long_, fail_);
            CPPUNIT_ASSERT_THROW_MESSAGE(text, cache->increment("key", 1, long_, fail_), std::invalid_argument);
            CPPUNIT_ASSERT(cache->get("key", fail_) == text);
        }
        cache->set("key", "9223372036854775807", long_, fail_);
        CPPUNIT_ASSERT_THROW(cache->increment("key", 1, long_, fail_), std::invalid_argument);
    }

    void removingTellsWhetherThereWasOne() {
        const auto cache = cacheOf("chat");
        cache->set("key", "value", long_, fail_);
        CPPUNIT_ASSERT(cache->remove("key", fail_));
        CPPUNIT_ASSERT(!cache->remove("key", fail_));
        CPPUNIT_ASSERT(!cache->get("key", fail_));
    }

    void pluginsHaveKeysOfTheirOwn() {
        const auto chat = cacheOf("chat");
        const auto auth = cacheOf("auth");
        chat->set("key", "chat's", long_, fail_);
        auth->set("key", "auth's", long_, fail_);
        CPPUNIT_ASSERT(chat->get("key", fail_) == "chat's");
        // A swap keeps them.
        CPPUNIT_ASSERT(cacheOf("auth")->get("key", fail_) == "auth's");
    }

    void tooMuchIsRefused() {
        const auto cache = cacheOf("chat");
        const std::string key(512, 'k');
        const std::string value(1024 * 1024, 'v');
        cache->set(key, value, long_, fail_);
        CPPUNIT_ASSERT(cache->get(key, fail_) == value);
        CPPUNIT_ASSERT_THROW(cache->get(key + "k", fail_), std::length_error);
        CPPUNIT_ASSERT_THROW(cache->set("key", value + "v", long_, fail_), std::length_error);
        CPPUNIT_ASSERT_THROW(cache->add("key", value + "v", long_, fail_), std::length_error);
        CPPUNIT_ASSERT_THROW(cache->getOrMake(
                                 "key", long_, [&] { return value + "v"; }, fail_),
                             std::length_error);
        CPPUNIT_ASSERT_THROW(cache->set("key", "v", std::chrono::milliseconds(0), fail_), std::invalid_argument);
        cache->set("key", "v", std::chrono::milliseconds::max(), fail_);
        CPPUNIT_ASSERT(cache->get("key", fail_) == "v");
    }

    void makesWhatIsMissingOnce() {
        const auto cache = cacheOf("chat");
        std::atomic<int> made{0};
        std::atomic<int> right{0};
        atOnce([&] {
            const auto make = [&] {
                // Long enough for the others to come.
                for (int round = 0; round < 1000; ++round) std::this_thread::yield();
                return "value " + std::to_string(++made);
            };
            if (cache->getOrMake("key", long_, make, fail_) == "value 1") ++right;
        });
        CPPUNIT_ASSERT_EQUAL(1, made.load());
        CPPUNIT_ASSERT_EQUAL(8, right.load());
        CPPUNIT_ASSERT(cache->get("key", fail_) == "value 1");
    }

    void whatMakingThrowsGoesToAllAndIsNotKept() {
        const auto cache = cacheOf("chat");
        std::atomic<int> thrown{0};
        const auto fails = []() -> std::string { throw std::runtime_error("cannot"); };
        atOnce([&] {
            try {
                cache->getOrMake("key", long_, fails, fail_);
            } catch (const std::runtime_error&) {
                ++thrown;
            }
        });
        CPPUNIT_ASSERT_EQUAL(8, thrown.load());
        CPPUNIT_ASSERT_EQUAL(std::string("made"), cache->getOrMake(
                                                      "key", long_, [] { return "made"; }, fail_));
    }

    void makingItselfIsRefused() {
        const auto cache = cacheOf("chat");
        const auto again = [&] {
            return cache->getOrMake(
                "key", long_, [] { return "x"; }, fail_);
        };
        CPPUNIT_ASSERT_THROW(cache->getOrMake("key", long_, again, fail_), std::logic_error);
    }

    void aLoopThreadWaitsForNobodysMaking() {
        const auto cache = cacheOf("chat");
        std::promise<void> begun;
        std::promise<void> mayEnd;
        auto making = std::async(std::launch::async, [&] {
            return cache->getOrMake(
                "key", long_,
                [&] {
                    begun.set_value();
                    mayEnd.get_future().wait();
                    return "made";
                },
                fail_);
        });
        begun.get_future().wait();
        auto onALoop = std::async(std::launch::async, [&] {
            host::markLoopThread();
            cache->getOrMake(
                "key", long_, [] { return "unused"; }, fail_);
        });
        const bool isAnswered = onALoop.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
        mayEnd.set_value();
        CPPUNIT_ASSERT(isAnswered);
        CPPUNIT_ASSERT_THROW(onALoop.get(), std::logic_error);
        CPPUNIT_ASSERT_EQUAL(std::string("made"), making.get());
    }

private:
    /// On eight threads.
    template <class Function>
    static void atOnce(const Function& function) {
        std::vector<std::future<void>> calls;
        for (int call = 0; call < 8; ++call) calls.push_back(std::async(std::launch::async, function));
        for (auto& call : calls) call.get();
    }
};

}  // namespace playhouse::tests
