#pragma once

#include <playhouse/Settings.h>

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::auth {

/// What a subscription is worth.
struct Tier {
    std::string name;
    std::uint32_t devices = 1;
    std::uint32_t streams = 1;  ///< at a time
    std::uint32_t height = 0;   ///< of the highest quality, in lines: 720, 1080, 2160

    friend bool operator==(const Tier&, const Tier&) = default;
};

/// {name, devices, concurrentStreams, highestQuality: "1080p"}.
boost::json::object toJson(const Tier& tier);

/// The tiers of the configuration: `tiers = free, basic, premium` names them, the first is that of new accounts, and
/// each has `tier-NAME = 2 devices, 1 stream, 1080p`. Immutable.
class Tiers {
public:
    /// Reads them. Throws std::invalid_argument, naming the key, for no tiers, a name twice or with more than 50 bytes
    /// or other than small letters, digits and "-", and a malformed or missing description of one that has no default.
    explicit Tiers(Settings& settings);

    const std::vector<Tier>& all() const noexcept { return tiers_; }
    const Tier& first() const noexcept { return tiers_.front(); }

    /// Null for a name that there is not.
    const Tier* find(std::string_view name) const noexcept;

    /// The one of that name; the first for one that the configuration has no more.
    const Tier& of(std::string_view name) const noexcept;

private:
    std::vector<Tier> tiers_;
};

}  // namespace playhouse::auth
