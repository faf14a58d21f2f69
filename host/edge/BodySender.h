#pragma once

#include "ResponsePreparation.h"
#include "Transport.h"

#include <playhouse/Body.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

/// Writes one prepared response to a transport as far as that takes it: heads and memory gathered into one call, files
/// and memory files from their descriptors. Used by one thread at a time.
class BodySender {
public:
    enum class Progress {
        Done,         ///< all of it is with the kernel
        Blocked,      ///< go on when the socket can be written
        NeedsInput,   ///< go on when the socket can be read (TLS)
        NeedsSource,  ///< call fill() with the source's next bytes, then go on
        Yielded,      ///< a fair share is sent; go on after others had their turn
        Paced,        ///< the allowance is used up, and the body is not; go on with another
        FileEnded,    ///< a file has become shorter: the rest is not there
        Failed,       ///< the connection is broken
    };

    /// A source's bytes pass through `scratch`, which clear() gives back.
    void begin(PreparedResponse response, std::vector<std::byte> scratch);

    static constexpr std::uint64_t unlimited = UINT64_MAX;

    /// Sends on. `sent` grows by the bytes that the kernel took. `allowance` is the bytes of the body that may be sent,
    /// with what chunks frame them in, and falls by those that were; the head is not counted.
    Progress advance(Transport& transport, std::uint64_t& sent, std::uint64_t& allowance);

    /// Takes the next bytes of the source. May block when the source does, so it is called where the route says; throws
    /// what the source throws, and std::runtime_error when it delivers fewer bytes than it promised.
    void fill();

    /// Whether the response is made while it is sent, and so needs a scratch of scratchSize bytes.
    static bool needsScratch(const PreparedResponse& response) noexcept { return response.body.source() != nullptr; }
    static const std::size_t scratchSize;

    /// Lets go of the body, and with it of plugin code. Returns the scratch.
    std::vector<std::byte> clear();

    bool isActive() const noexcept { return isActive_; }

private:
    Progress sendMemory(Transport& transport, std::uint64_t& sent, std::uint64_t& allowance);
    Progress sendFile(Transport& transport, int file, std::uint64_t offset, std::uint64_t size, std::uint64_t& sent);
    void advanceParts(std::uint64_t count);
    void skipEmptyParts();
    void cork(Transport& transport, bool on);

    PreparedResponse response_;
    std::size_t headSent_ = 0;
    std::size_t part_ = 0;
    std::uint64_t partSent_ = 0;
    std::uint64_t turn_ = 0;
    std::vector<std::byte> chunk_;  // of a source
    std::size_t chunkBegin_ = 0;
    std::size_t chunkEnd_ = 0;
    std::uint64_t sourceLeft_ = 0;
    bool sourceEnded_ = true;
    bool isActive_ = false;
    bool isCorked_ = false;
};

}  // namespace playhouse::host
