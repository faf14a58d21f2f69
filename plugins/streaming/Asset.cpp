#include "Asset.h"

#include "Decimal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace playhouse::streaming {

std::int64_t PackagedTrack::durationMicroseconds() const {
    const auto& last = segments.back();
    return microseconds(last.start + last.duration, track->timescale);
}

int PackagedTrack::displayWidth() const noexcept {
    const auto& shape = track->sampleAspectRatio;
    if (shape.numerator <= 0 || shape.denominator <= 0) return track->width;
    return static_cast<int>((track->width * shape.numerator + shape.denominator / 2) / shape.denominator);
}

const PackagedTrack* Asset::track(std::string_view name) const noexcept {
    const auto isCalled = [&](const PackagedTrack& track) { return track.name == name; };
    const auto rendition = std::find_if(renditions.begin(), renditions.end(), isCalled);
    if (rendition != renditions.end()) return &*rendition;
    const auto sound = std::find_if(audio.begin(), audio.end(), isCalled);
    return sound != audio.end() ? &*sound : nullptr;
}

const SubtitleTrack* Asset::subtitle(std::string_view language) const noexcept {
    const auto found = std::find_if(subtitles.begin(), subtitles.end(),
                                    [&](const SubtitleTrack& track) { return track.language == language; });
    return found != subtitles.end() ? &*found : nullptr;
}

std::string aspectRatio(int width, int height) {
    if (width <= 0 || height <= 0) return "1:1";
    struct Shape {
        int width;
        int height;
    };
    constexpr std::array usual{Shape{16, 9}, Shape{9, 16}, Shape{4, 3}, Shape{3, 4}, Shape{1, 1}, Shape{21, 9}};
    for (const auto& shape : usual) {
        const double deviation =
            static_cast<double>(width) * shape.height / (static_cast<double>(height) * shape.width);
        if (std::abs(deviation - 1) < 0.01) return std::to_string(shape.width) + ":" + std::to_string(shape.height);
    }
    const int divisor = std::gcd(width, height);
    return std::to_string(width / divisor) + ":" + std::to_string(height / divisor);
}

std::size_t subtitleSegmentCount(const Asset& asset) noexcept {
    const auto count = (asset.durationMicroseconds + asset.segmentMicroseconds - 1) / asset.segmentMicroseconds;
    return static_cast<std::size_t>(std::max<std::int64_t>(count, 1));
}

}  // namespace playhouse::streaming
