#pragma once

#include "PluginHouse.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <map>
#include <string>

namespace playhouse::tests {

/// A house in which version 1.0.0 of the plugin "broken" serves, and is to serve on whatever 2.0.0 does wrong.
///
/// What hangs waits for the file "release", which release() makes; it is made at the end at the latest, so that no
/// thread is left.
class BrokenHouse {
public:
    using Settings = std::map<std::string, std::string>;

    explicit BrokenHouse(Settings settings = {}, host::SwapSettings swap = impatient()) : house_(std::move(swap)) {
        CPPUNIT_ASSERT(house_.manager().startAll({broken("broken-1", std::move(settings))}).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house_.get("/broken"));
    }
    ~BrokenHouse() { release(); }
    BrokenHouse(const BrokenHouse&) = delete;
    BrokenHouse& operator=(const BrokenHouse&) = delete;

    PluginHouse& operator*() noexcept { return house_; }
    PluginHouse* operator->() noexcept { return &house_; }

    void release() const { house_.touch("release"); }

    /// Waits until something hangs.
    void expectHanging() const {
        CPPUNIT_ASSERT(eventually([&] { return std::filesystem::exists(house_.file("release.waiting")); }));
    }

    host::PluginConfiguration broken(const std::string& library, Settings settings) const {
        settings.emplace("release", house_.file("release").string());
        return configured("broken", library, std::move(settings));
    }

    /// Tries to put 2.0.0 with these settings in the place of what serves.
    std::string tryNext(const Settings& settings) {
        return PluginHouse::refusalOf([&] { house_.manager().reconfigure({broken("broken-2", settings)}); });
    }

    /// As tryNext(), which must be refused with that code and a message that names `part`; 1.0.0 serves on then.
    void expectRefused(const Settings& settings, const std::string& code, const std::string& part) {
        const auto refusal = tryNext(settings);
        CPPUNIT_ASSERT_MESSAGE(refusal + " is not " + code, refusal.starts_with(code + ": "));
        CPPUNIT_ASSERT_MESSAGE(refusal + " does not name " + part, refusal.find(part) != std::string::npos);
        expectServing("1.0.0");
        CPPUNIT_ASSERT_EQUAL(refusal.substr(code.size() + 2), house_.statusOf("broken").error);
    }

    void expectServing(const std::string& version) {
        CPPUNIT_ASSERT_EQUAL(version, house_.get("/broken"));
        const auto status = house_.statusOf("broken");
        CPPUNIT_ASSERT(status.state == host::PluginState::Serving);
        CPPUNIT_ASSERT_EQUAL(version, status.version);
    }

    /// Waits until `count` generations that could not end are left.
    void expectResident(std::size_t count) {
        const bool came = eventually([&] {
            const auto status = house_.statusOf("broken");
            return status.resident == count && status.draining == 0;
        });
        const auto status = house_.statusOf("broken");
        CPPUNIT_ASSERT_MESSAGE("draining " + std::to_string(status.draining) + ", resident " +
                                   std::to_string(status.resident) + " instead of " + std::to_string(count),
                               came);
    }

    /// Releases what hangs, and sees that nothing of it is left.
    void expectNothingLeftAfterRelease() {
        release();
        expectResident(0);
        if (!librariesStayLoaded) CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house_.mappedCopies());
    }

    /// Deadlines short enough to be missed in a test, and long enough for what is not meant to miss them.
    static host::SwapSettings impatient() {
        host::SwapSettings settings;
        settings.startTimeout = std::chrono::milliseconds(1000);
        settings.holdTimeout = std::chrono::milliseconds(1000);
        settings.drainTimeout = std::chrono::milliseconds(200);
        settings.stopTimeout = std::chrono::milliseconds(200);
        settings.reportPatience = std::chrono::milliseconds(100);
        return settings;
    }

private:
    PluginHouse house_;
};

/// Sets an environment variable that fixtures read, until it goes.
class FixtureVariable {
public:
    FixtureVariable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    ~FixtureVariable() { ::unsetenv(name_); }
    FixtureVariable(const FixtureVariable&) = delete;
    FixtureVariable& operator=(const FixtureVariable&) = delete;

private:
    const char* name_;
};

}  // namespace playhouse::tests
