#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Reads the header by which a proxy tells whose connection it passes on: version 1 or 2 of the PROXY protocol
/// (HAProxy, "The PROXY protocol", versions 1 & 2), in pieces of any size. Used by one thread.
class ProxyHeader {
public:
    enum class Progress {
        NeedMore,
        Complete,
        Malformed,  ///< the connection cannot be used: nobody knows whose it is
    };

    /// Takes what belongs to the header from the front of `input`, and adds how much that is to `consumed`.
    Progress feed(std::string_view input, std::size_t& consumed);

    /// After Complete: the client's address, without port; nothing when the proxy speaks for itself (LOCAL, such as a
    /// health check) or does not know (UNKNOWN).
    const std::optional<std::string>& clientAddress() const noexcept { return clientAddress_; }

private:
    Progress feedText(std::string_view input, std::size_t& consumed);
    Progress feedBinary(std::string_view input, std::size_t& consumed);
    bool readText(std::string_view line);
    bool readBinary();
    bool readAddresses(int family, std::size_t size);

    std::string header_;     // as far as it is there, and as far as it is looked at
    std::size_t taken_ = 0;  // bytes of a binary header so far, with those that are skipped
    std::optional<std::string> clientAddress_;
};

}  // namespace playhouse::host
