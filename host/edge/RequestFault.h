#pragma once

#include <cstddef>
#include <string>

namespace playhouse::host {

/// What is wrong with a request on the wire, as the client is told. `status` 0 stands for no fault.
struct RequestFault {
    int status = 0;
    std::string code;
    std::string message;
};

struct RequestLimits {
    std::size_t headerSize = 0;  ///< of request line and fields together; and of a chunk's header, or all trailers
    std::size_t targetSize = 0;
};

}  // namespace playhouse::host
