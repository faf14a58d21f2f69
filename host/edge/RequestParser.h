#pragma once

#include "RequestFault.h"

#include <playhouse/Request.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace playhouse::host {

/// Reads one HTTP/1.x request from a connection's bytes (RFC 9112) by Boost.Beast, and refuses what is malformed or
/// ambiguous. What comes out does not depend on how the bytes are cut into pieces. Trailer fields are checked and
/// dropped (RFC 9110 section 6.5.1). Used by one thread.
class RequestParser {
public:
    enum class Progress {
        NeedMore,      ///< takes more bytes
        HeadComplete,  ///< the head is there and a body follows: say how large it may be, then go on
        Complete,      ///< the whole request is there
        Failed,        ///< fault() says why; the connection cannot go on
    };

    RequestParser();
    ~RequestParser();

    /// Begins with the next request, which is written into `parts`.
    void begin(const RequestLimits& limits, RequestParts& parts);

    /// Takes bytes from the front of `input`; adds to `consumed` how many it took, so that the caller drops them. What
    /// it did not take (an incomplete head) must be given again with more behind it.
    Progress feed(std::string_view input, std::size_t& consumed);

    /// After HeadComplete: bytes of body allowed. False, with a fault, when the client has announced more.
    bool allowBody(std::uint64_t size);

    const RequestFault& fault() const noexcept;

    /// After the head: whether the client keeps the connection, speaks HTTP/1.0, or waits for 100 Continue.
    bool keepsAlive() const noexcept;
    bool isHttp10() const noexcept;
    bool expectsContinue() const noexcept;

    /// After the head: whether there is a field Authorization.
    bool hasAuthorization() const noexcept;

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace playhouse::host
