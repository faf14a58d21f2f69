#include "Tiers.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace playhouse::auth {
namespace {

constexpr std::size_t mostTierName = 50;
constexpr std::int64_t mostAtATime = 1000;
constexpr std::int64_t mostLines = 4320;

const std::map<std::string, std::string, std::less<>> defaultTiers{
    {"free", "2 devices, 1 stream, 720p"},
    {"basic", "4 devices, 2 streams, 1080p"},
    {"premium", "10 devices, 4 streams, 2160p"},
};

std::invalid_argument unfitTier(const std::string& name, const std::string& text) {
    return std::invalid_argument("plugin.auth.tier-" + name + " is \"" + text +
                                 "\"; it is to be like \"2 devices, 1 stream, 1080p\", with 1 to 1000 devices and "
                                 "streams and 1 to 4320 lines");
}

/// Of "2 devices" with the unit "device" the 2. Throws std::invalid_argument.
std::uint32_t amountOf(const std::string& part, std::string_view unit) {
    const auto space = part.find(' ');
    if (space == std::string::npos) throw std::invalid_argument("no unit");
    const auto word = part.substr(space + 1);
    if (word != unit && word != std::string(unit) + "s") throw std::invalid_argument("another unit");
    return static_cast<std::uint32_t>(parseInteger(part.substr(0, space), 1, mostAtATime));
}

Tier tierOf(const std::string& name, const std::string& text) {
    const auto parts = parseList(text);
    try {
        if (parts.size() != 3 || !parts[2].ends_with('p')) throw std::invalid_argument("not three parts");
        return {name, amountOf(parts[0], "device"), amountOf(parts[1], "stream"),
                static_cast<std::uint32_t>(parseInteger(parts[2].substr(0, parts[2].size() - 1), 1, mostLines))};
    } catch (const std::invalid_argument&) {
        throw unfitTier(name, text);
    }
}

bool isTierName(std::string_view name) {
    return !name.empty() && name.size() <= mostTierName &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

boost::json::object toJson(const Tier& tier) {
    return {{"name", tier.name},
            {"devices", tier.devices},
            {"concurrentStreams", tier.streams},
            {"highestQuality", std::to_string(tier.height) + "p"}};
}

Tiers::Tiers(Settings& settings) {
    for (const auto& name : settings.list("tiers", "free, basic, premium")) {
        if (!isTierName(name))
            throw std::invalid_argument("plugin.auth.tiers names \"" + name +
                                        "\"; a tier's name is 1 to 50 small letters, digits and \"-\"");
        if (find(name)) throw std::invalid_argument("plugin.auth.tiers names \"" + name + "\" twice");
        const auto known = defaultTiers.find(name);
        tiers_.push_back(
            tierOf(name, settings.text("tier-" + name, known == defaultTiers.end() ? std::string() : known->second)));
    }
    if (tiers_.empty()) throw std::invalid_argument("plugin.auth.tiers is empty; name one tier at least");
}

const Tier* Tiers::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(tiers_, name, &Tier::name);
    return found == tiers_.end() ? nullptr : &*found;
}

const Tier& Tiers::of(std::string_view name) const noexcept {
    const auto* tier = find(name);
    return tier ? *tier : first();
}

}  // namespace playhouse::auth
