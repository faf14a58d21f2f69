#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// The networks whose hosts are believed when they say who their clients are: the operator's own proxies and load
/// balancers. Immutable.
class TrustedProxies {
public:
    /// Trusts nobody.
    TrustedProxies() = default;

    /// @param networks  addresses and networks in CIDR notation (RFC 4632, RFC 4291 section 2.3): "192.0.2.1",
    ///                  "10.0.0.0/8", "2001:db8::/32"
    ///
    /// Throws std::invalid_argument that names the one that is neither, or that has bits beyond its prefix.
    explicit TrustedProxies(const std::vector<std::string>& networks);

    bool empty() const noexcept { return networks_.empty(); }

    /// Whether `address`, without a port, is in one of the networks; false for what is no address.
    bool contains(std::string_view address) const;

private:
    using Bits = std::array<std::uint8_t, 16>;  // IPv4 addresses as IPv6 ones that carry them
    struct Network {
        Bits bits{};
        std::size_t prefix = 0;
    };

    static bool parse(std::string_view text, Bits& bits);
    static Network networkOf(const std::string& text);

    std::vector<Network> networks_;
};

}  // namespace playhouse::host
