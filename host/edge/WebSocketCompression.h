#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Deflates and inflates single messages as permessage-deflate does without context takeover (RFC 7692), so that no
/// connection needs memory for it. Used by one thread.
class WebSocketCompression {
public:
    WebSocketCompression();
    ~WebSocketCompression();

    /// Throws std::runtime_error when there is no memory.
    std::string deflate(std::string_view message);

    /// Throws WebSocketFault: 1007 for what is not deflated data, 1009 beyond `mostBytes`.
    std::string inflate(std::string_view message, std::size_t mostBytes);

private:
    struct Streams;
    std::unique_ptr<Streams> streams_;
};

}  // namespace playhouse::host
