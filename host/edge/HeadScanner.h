#pragma once

#include "RequestFault.h"

#include <string_view>

namespace playhouse::host {

/// Finds where a request's head ends while its bytes arrive, and refuses lines that different servers would read
/// differently: bare CR, bare LF, control characters, and folded fields (RFC 9112 sections 2.2 and 5.2). What it finds
/// does not depend on how the bytes are cut into pieces. Used by one thread.
class HeadScanner {
public:
    enum class Progress {
        NeedMore,
        RequestLine,  ///< size() bytes are the request line; to be taken before the next scan()
        Fields,       ///< size() bytes are the fields, with the empty line that ends them
        Failed,       ///< fault() says why
    };

    explicit HeadScanner(const RequestLimits& limits) : limits_(limits) {}

    /// Looks at `input`, which begins where the last part that was found has ended, and holds again what an earlier
    /// call has seen.
    Progress scan(std::string_view input);

    std::size_t size() const noexcept { return size_; }
    const RequestFault& fault() const noexcept { return fault_; }

private:
    Progress fail(int status, const char* code, std::string message);
    Progress failForSize();
    bool methodIsPlausible(std::string_view input);
    bool checkLine(std::string_view line);

    RequestLimits limits_;
    RequestFault fault_;
    std::size_t found_ = 0;    ///< bytes of the request line, when it was reported
    std::size_t line_ = 0;     ///< where the line that is looked at begins in the input
    std::size_t scanned_ = 0;  ///< bytes of the input without the end of that line
    std::size_t size_ = 0;
};

}  // namespace playhouse::host
