#pragma once

#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

namespace playhouse::host {

/// The owner of the routes that stay answerable when others are refused: GET /healthz, /readyz and /metrics.
inline constexpr std::string_view hostRoutesOwner = "host";

/// Counts what clients may have only so many of: connections, in all and by address, and requests in work. Safe from
/// any thread.
class Admission {
public:
    /// Connections beyond the limit that are let in to ask for the host's own routes.
    static constexpr std::size_t reserveSize = 16;

    /// Refused connections that are kept for a moment, so that they read why.
    static constexpr std::size_t mostTurnedAway = 256;

    enum class Verdict {
        Admitted,
        Reserve,  ///< beyond the limit, for the host's own routes
        ServerIsFull,
        AddressIsFull,
    };

    struct ConnectionLimits {
        std::size_t inAll = 0;
        std::size_t perAddress = 0;  ///< 0: any number
    };

    /// What a connection holds for as long as its socket is there, or a request until it is answered.
    using Seat = std::shared_ptr<void>;

    struct Place {
        Verdict verdict = Verdict::Admitted;
        Seat seat{};  ///< null when refused
    };

    /// A connection of `client`. An IPv6 address counts with its whole /64, as one client has all of that.
    Place enter(const boost::asio::ip::address& client, const ConnectionLimits& limits);

    /// A connection whose address is that of many clients, such as a proxy's: it counts among all alone.
    Place enterUncounted(const ConnectionLimits& limits);

    /// A place to be told why not; null when there is none.
    Seat turnAway();

    /// A request in work, of which there may be `most`. Cheap, and not a Seat, for there are many.
    bool beginRequest(std::size_t most) noexcept;
    void endRequest() noexcept { requests_.fetch_sub(1, std::memory_order_relaxed); }

    /// Addresses that have connections.
    std::size_t addresses() const;

private:
    /// Ordered, so that no client can choose addresses that make a search long.
    using Addresses = std::map<std::uint64_t, std::size_t>;

    Place enter(const ConnectionLimits& limits, Addresses::iterator address);
    void leave(Addresses::iterator address, bool fromReserve);

    mutable std::mutex mutex_;
    Addresses addresses_;
    std::size_t connections_ = 0;
    std::size_t inReserve_ = 0;
    std::size_t turnedAway_ = 0;
    std::atomic<std::size_t> requests_{0};
};

}  // namespace playhouse::host
