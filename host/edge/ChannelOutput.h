#pragma once

#include "Transport.h"

#include <boost/intrusive_ptr.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse::host {

/// Encoded messages that any number of channels of one loop send, each at its own pace. Of that loop's thread alone, so
/// that sharing costs no atomic operation.
class EncodedMessages {
public:
    EncodedMessages(std::string encoded, std::uint32_t messages) : bytes(std::move(encoded)), count(messages) {}

    const std::string bytes;
    const std::uint32_t count;  ///< messages in it

private:
    friend void intrusive_ptr_add_ref(EncodedMessages* messages) noexcept { ++messages->uses_; }
    friend void intrusive_ptr_release(EncodedMessages* messages) noexcept {
        if (--messages->uses_ == 0) delete messages;
    }
    std::uint32_t uses_ = 0;
};

using SharedMessages = boost::intrusive_ptr<EncodedMessages>;

/// What waits to be sent on one channel. All that waits goes out in as few writes as the system takes.
class ChannelOutput {
public:
    bool empty() const noexcept { return next_ == pieces_.size(); }

    /// Bytes that wait.
    std::size_t bytes() const noexcept { return bytes_; }

    void add(SharedMessages messages);

    /// Sends until all is out (Done) or the transport says why it cannot go on. `sent` grows by the bytes.
    Transport::Status send(Transport& transport, std::uint64_t& sent);

    /// Drops what waits, but for a piece that has begun to go out. Returns the messages dropped.
    std::size_t dropWaiting();

    void clear();

private:
    std::vector<SharedMessages> pieces_;
    std::size_t next_ = 0;  // the first that is not out
    std::size_t sent_ = 0;  // of it
    std::size_t bytes_ = 0;
};

/// How the messages of a channel look on the wire.
enum class ChannelEncoding { Frames, CompressedFrames, Chunks, Lines };
inline constexpr std::size_t channelEncodings = 4;

/// Appends one message as Server-Sent Events have it (HTML standard, section 9.2.5): a text as data lines, bytes as
/// base64 with the event type "binary".
void appendEvent(std::string& out, bool isText, std::string_view data);

/// Appends `content` as one chunk (RFC 9112 section 7.1).
void appendChunk(std::string& out, std::string_view content);

}  // namespace playhouse::host
