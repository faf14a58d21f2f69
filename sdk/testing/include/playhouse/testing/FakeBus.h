#pragma once

#include <playhouse/Bus.h>

#include <mutex>
#include <string>
#include <vector>

namespace playhouse::testing {

/// A bus on which a message has arrived when publish() returns: handlers run there, and what they throw comes out of
/// it, where the host would log it. Safe from any thread, as far as the handlers are.
class FakeBus final : public Bus {
public:
    struct Published {
        std::string topic;
        std::string payload;
        WhenAway whenAway = WhenAway::Local;
    };

    void publish(std::string_view topic, std::string_view payload, WhenAway whenAway = WhenAway::Local) override;

    /// Throws std::logic_error after FakeContext::start(), as the host does outside of Plugin::start().
    void subscribe(std::string_view topic, std::function<void(const BusMessage&)> handler) override;
    void onGap(std::function<void()> handler) override;

    /// Lets a message of another host arrive.
    void arrive(std::string_view topic, std::string_view payload);

    /// Tells the plugin that messages may have been missed.
    void tellGap();

    /// From now on Redis cannot be reached, or can again: publishing with WhenAway::Fail throws, and is not written
    /// down.
    void setAway(bool away);

    /// All that was published, the oldest first.
    std::vector<Published> published() const;

    /// Takes no more subscriptions; for FakeContext.
    void endStart();

    /// Forgets the subscriptions, as the host does when a generation retires; for FakeContext.
    void revoke();

private:
    struct Subscription {
        std::string topic;
        std::function<void(const BusMessage&)> handler;
    };

    void deliver(const BusMessage& message);

    mutable std::mutex mutex_;
    std::vector<Published> published_;
    std::vector<Subscription> subscriptions_;
    std::vector<std::function<void()>> gapHandlers_;
    bool started_ = false;
    bool away_ = false;
};

}  // namespace playhouse::testing
