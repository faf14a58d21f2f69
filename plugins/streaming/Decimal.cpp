#include "Decimal.h"

namespace playhouse::streaming {
namespace {

constexpr std::int64_t microsecondsPerSecond = 1'000'000;

/// Rounds half away from zero, for a denominator above 0.
std::int64_t roundedQuotient(std::int64_t numerator, std::int64_t denominator) {
    const auto half = denominator / 2;
    return (numerator < 0 ? numerator - half : numerator + half) / denominator;
}

}  // namespace

std::string decimal(std::int64_t numerator, std::int64_t denominator, int places) {
    std::int64_t scale = 1;
    for (int place = 0; place < places; ++place) scale *= 10;
    const auto scaled = roundedQuotient(numerator * scale, denominator);
    const auto magnitude = scaled < 0 ? -scaled : scaled;
    std::string text = scaled < 0 ? "-" : "";
    text += std::to_string(magnitude / scale);
    if (places == 0) return text;
    const auto fraction = std::to_string(magnitude % scale);
    text.append(".").append(static_cast<std::size_t>(places) - fraction.size(), '0').append(fraction);
    return text;
}

std::int64_t microseconds(std::int64_t ticks, std::uint32_t timescale) {
    return roundedQuotient(ticks * microsecondsPerSecond, static_cast<std::int64_t>(timescale));
}

std::string xmlDuration(std::int64_t microseconds) {
    auto text = "PT" + decimal(microseconds, microsecondsPerSecond, 6);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text + "S";
}

}  // namespace playhouse::streaming
