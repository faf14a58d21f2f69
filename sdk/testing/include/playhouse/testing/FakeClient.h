#pragma once

#include <playhouse/Channel.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse::testing {

namespace detail {
class FakeChannel;
}

/// The other end of a channel, in place of a browser: made by FakeContext::connect().
///
/// The plugin's handler runs on the thread that calls; what it throws closes the channel with 1011 and comes out here,
/// where the host would log it. A handle: copies mean the same client. Safe from any thread.
class FakeClient {
public:
    explicit FakeClient(std::shared_ptr<detail::FakeChannel> channel) noexcept : channel_(std::move(channel)) {}

    /// Sends a message to the plugin. Throws std::logic_error when the channel has ended, or is an event stream.
    void send(std::string_view text) const;
    void sendBinary(std::span<const std::byte> bytes) const;

    /// Takes out what has arrived and was not taken yet, oldest first; also after the channel has ended.
    std::vector<ChannelMessage> takeMessages() const;

    /// Takes out the oldest message. Throws std::logic_error when there is none, or when it is binary.
    std::string takeText() const;

    /// Messages that have arrived and were not taken yet.
    std::size_t waiting() const;

    /// Ends the channel as a client does that leaves. Ignored when it has ended already.
    void close(std::uint16_t code = 1000, std::string_view reason = {}) const;

    /// Ends the channel as a lost connection does: with code 1006.
    void disconnect() const;

    bool isOpen() const;

    /// How it ended, by either end; nothing while it is open.
    std::optional<ChannelClosure> closure() const;

    /// The subprotocol that was agreed on; empty for none.
    const std::string& subprotocol() const noexcept;

    /// What the plugin holds, for its attributes and topics.
    Channel channel() const;

private:
    std::shared_ptr<detail::FakeChannel> channel_;
};

}  // namespace playhouse::testing
