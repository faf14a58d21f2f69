#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <pthread.h>
#include <sys/resource.h>
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

using namespace playhouse;
using namespace playhouse::tests;

namespace {

/// Until it goes, no file can be written beyond its first bytes: what a full disk does, but for the number of the
/// problem.
class FullDisk {
public:
    FullDisk() : before_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &limit_);
        const rlimit small{4096, limit_.rlim_max};
        CPPUNIT_ASSERT_EQUAL(0, ::setrlimit(RLIMIT_FSIZE, &small));
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &limit_);
        std::signal(SIGXFSZ, before_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit limit_{};
    void (*before_)(int);
};

/// Until it goes, no file can be opened.
class NoMoreDescriptors {
public:
    NoMoreDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &limit_);
        const rlimit small{0, limit_.rlim_max};
        CPPUNIT_ASSERT_EQUAL(0, ::setrlimit(RLIMIT_NOFILE, &small));
    }
    ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &limit_); }
    NoMoreDescriptors(const NoMoreDescriptors&) = delete;
    NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

private:
    rlimit limit_{};
};

/// Until it goes, no thread can be started: each would have a stack larger than the address space.
class NoMoreThreads {
public:
    NoMoreThreads() {
        ::pthread_getattr_default_np(&before_);
        pthread_attr_t huge;
        ::pthread_attr_init(&huge);
        ::pthread_attr_setstacksize(&huge, std::size_t{1} << 48);
        CPPUNIT_ASSERT_EQUAL(0, ::pthread_setattr_default_np(&huge));
        ::pthread_attr_destroy(&huge);
    }
    ~NoMoreThreads() {
        ::pthread_setattr_default_np(&before_);
        ::pthread_attr_destroy(&before_);
    }
    NoMoreThreads(const NoMoreThreads&) = delete;
    NoMoreThreads& operator=(const NoMoreThreads&) = delete;

private:
    pthread_attr_t before_{};
};

void expectText(const std::string& text, const std::string& part) {
    CPPUNIT_ASSERT_MESSAGE("\"" + text + "\" does not say \"" + part + "\"", text.find(part) != std::string::npos);
}

}  // namespace

/// When the machine has no more room or no more threads, what serves serves on, and nobody is left in between.
class ScarcityTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ScarcityTest);
    CPPUNIT_TEST(aFullDiskRefusesASwap);
    CPPUNIT_TEST(aFullDiskRefusesAStart);
    CPPUNIT_TEST(withoutThreadsTheVersionBeforeServesOn);
    CPPUNIT_TEST(withoutThreadsNothingStartsUntilThereAreSome);
    CPPUNIT_TEST(withoutThreadsGoingBackIsRefusedAndPossibleLater);
    CPPUNIT_TEST(whatCannotBeEndedForWantOfThreadsIsEndedLater);
    CPPUNIT_TEST(whatIsLeftForWantOfThreadsEndsWithTheServer);
    CPPUNIT_TEST(withoutDescriptorsTheVersionBeforeServesOn);
    CPPUNIT_TEST(aLibraryStaysWhenNobodyCanLookWhetherItRuns);
    CPPUNIT_TEST_SUITE_END();

public:
    void aFullDiskRefusesASwap() {
        PluginHouse house;
        CPPUNIT_ASSERT(house.manager().startAll({configured("greeter", "greeter-1")}).empty());
        {
            const FullDisk full;
            const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter", fixture("greeter-2")); });
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("LIBRARY_REFUSED: "));
            expectText(refusal, "it cannot be copied to ");
            expectText(refusal, std::generic_category().message(EFBIG));
            CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
            CPPUNIT_ASSERT(house.statusOf("greeter").state == host::PluginState::Serving);
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.copies());
        }
        house.manager().swap("greeter", fixture("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
    }

    void aFullDiskRefusesAStart() {
        PluginHouse house;
        {
            const FullDisk full;
            const auto failures = house.manager().startAll({configured("greeter", "greeter-1")});
            expectText(failures.at(0), "it cannot be copied to ");
            CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter"));
        }
        house.manager().reconfigure({configured("greeter", "greeter-1")});
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

    void withoutThreadsTheVersionBeforeServesOn() {
        PluginHouse house;
        CPPUNIT_ASSERT(house.manager().startAll({configured("greeter", "greeter-1")}).empty());
        {
            const NoMoreThreads scarcity;
            for (const auto& action :
                 {std::function<void()>([&] { house.manager().swap("greeter"); }),
                  std::function<void()>([&] { house.manager().reconfigure({configured("greeter", "greeter-2")}); })}) {
                const auto refusal = PluginHouse::refusalOf(action);
                CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("START_FAILED: plugin \"greeter\" cannot be "));
                expectText(refusal, "cannot start thread");
                const auto status = house.statusOf("greeter");
                CPPUNIT_ASSERT(status.state == host::PluginState::Serving);
                CPPUNIT_ASSERT_EQUAL(refusal, "START_FAILED: " + status.error);
                expectText(status.health.detail, "could not be called");
                CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
            }
        }
        house.manager().swap("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
    }

    void withoutThreadsNothingStartsUntilThereAreSome() {
        PluginHouse house;
        const std::vector all{configured("greeter", "greeter-1"), configured("fickle", "fickle-1")};
        {
            const NoMoreThreads scarcity;
            CPPUNIT_ASSERT_EQUAL(std::size_t{2}, house.manager().startAll(all).size());
            CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter"));
        }
        house.manager().reconfigure(all);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::string("0 in 1.0.0"), house.get("/fickle"));
    }

    void withoutThreadsGoingBackIsRefusedAndPossibleLater() {
        PluginHouse house;
        house.manager().startAll({configured("counter", "counter-1")});
        house.manager().swap("counter", fixture("counter-2"));
        {
            const NoMoreThreads scarcity;
            const auto refusal = PluginHouse::refusalOf([&] { house.manager().rollback("counter"); });
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("START_FAILED"));
            CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.statusOf("counter").version);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.manager().rollback("counter").toVersion);
    }

    void whatCannotBeEndedForWantOfThreadsIsEndedLater() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1"), configured("fickle", "fickle-1")});
        {
            const NoMoreThreads scarcity;
            house.manager().disable("greeter");
            CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter"));
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.statusOf("greeter").resident);
        }
        // The next one that ends takes it along.
        house.manager().disable("fickle");
        CPPUNIT_ASSERT(eventually([&] {
            const auto status = house.statusOf("greeter");
            return status.resident == 0 && status.draining == 0;
        }));
        if (!librariesStayLoaded) CPPUNIT_ASSERT(eventually([&] { return house.mappedCopies() == 0; }));
    }

    void whatIsLeftForWantOfThreadsEndsWithTheServer() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        {
            const NoMoreThreads scarcity;
            house.manager().disable("greeter");
            CPPUNIT_ASSERT(!house.manager().stopAll(std::chrono::milliseconds(0)));
        }
        CPPUNIT_ASSERT(house.manager().stopAll(std::chrono::seconds(30)));
    }

    void withoutDescriptorsTheVersionBeforeServesOn() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        {
            const NoMoreDescriptors scarcity;
            const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter", fixture("greeter-2")); });
            expectText(refusal, "greeter");
            CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
            CPPUNIT_ASSERT(house.statusOf("greeter").state == host::PluginState::Serving);
        }
        house.manager().swap("greeter", fixture("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
    }

    void aLibraryStaysWhenNobodyCanLookWhetherItRuns() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        const NoMoreDescriptors scarcity;
        house.manager().disable("greeter");
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("greeter").resident == 1; }));
        CPPUNIT_ASSERT(house.manager().stopAll(std::chrono::seconds(30)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ScarcityTest);
