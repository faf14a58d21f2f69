#pragma once

#include "Eventually.h"

#include "platform/PluginLogger.h"
#include "platform/bus/PluginBus.h"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace playhouse::tests {

/// A generation of a plugin, as the bus sees it: it writes down what it hears.
class BusListener {
public:
    explicit BusListener(host::BusHub& hub, const std::string& pluginId = "chat")
        : logger_(pluginId), bus_(hub, pluginId, gate_, logger_) {}

    ~BusListener() { retire(); }
    BusListener(const BusListener&) = delete;
    BusListener& operator=(const BusListener&) = delete;

    /// Declares what `topics` name, and goes live.
    BusListener& listen(const std::vector<std::string>& topics, BusListener* before = nullptr) {
        stage(topics);
        bus_.goLive(before ? &before->bus_ : nullptr);
        return *this;
    }

    void stage(const std::vector<std::string>& topics) {
        bus_.beginStart();
        for (const auto& topic : topics)
            bus_.subscribe(topic, [this](const BusMessage& message) {
                note((message.isLocal ? "own " : "other ") + message.topic + " " + message.payload);
            });
        bus_.onGap([this] {
            const std::lock_guard lock(mutex_);
            ++gaps_;
        });
        bus_.endStart();
    }

    void retire() {
        gate_->close();
        gate_->waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::minutes(1));
        bus_.revoke();
    }

    std::vector<std::string> heard() const {
        const std::lock_guard lock(mutex_);
        return heard_;
    }

    /// What was heard, once there are `count` messages.
    std::vector<std::string> waitFor(std::size_t count) const {
        eventually([&] { return heard().size() >= count; });
        return heard();
    }

    int gaps() const {
        const std::lock_guard lock(mutex_);
        return gaps_;
    }

    host::PluginBus& bus() noexcept { return bus_; }
    host::LeaseGate& gate() noexcept { return *gate_; }

private:
    void note(std::string text) {
        const std::lock_guard lock(mutex_);
        heard_.push_back(std::move(text));
    }

    mutable std::mutex mutex_;
    std::vector<std::string> heard_;
    int gaps_ = 0;
    std::shared_ptr<host::LeaseGate> gate_ = host::LeaseGate::make();
    host::PluginLogger logger_;
    host::PluginBus bus_;
};

}  // namespace playhouse::tests
