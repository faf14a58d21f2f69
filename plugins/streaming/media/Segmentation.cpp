#include "Segmentation.h"

#include <algorithm>
#include <stdexcept>

namespace playhouse::streaming {
namespace {

std::int64_t presentationTime(const Sample& sample) {
    return sample.decodeTime + sample.compositionOffset;
}

std::int64_t presentationEnd(const Track& track) {
    std::int64_t end = 0;
    for (const auto& sample : track.samples) end = std::max(end, presentationTime(sample) + sample.duration);
    return end;
}

void refuseNoTarget(std::chrono::milliseconds target) {
    if (target <= std::chrono::milliseconds::zero())
        throw std::invalid_argument("a segment's target duration must be above 0 ms");
}

/// Segments that begin at the samples `starts`, in order, the first of them 0.
std::vector<Segment> cutAt(const Track& track, const std::vector<std::size_t>& starts) {
    std::vector<Segment> segments;
    segments.reserve(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const bool isLast = i + 1 == starts.size();
        const auto start = presentationTime(track.samples[starts[i]]);
        const auto end = isLast ? presentationEnd(track) : presentationTime(track.samples[starts[i + 1]]);
        const auto nextSample = isLast ? track.samples.size() : starts[i + 1];
        segments.push_back({starts[i], nextSample - starts[i], start, end - start});
    }
    return segments;
}

}  // namespace

std::vector<Segment> segmentVideo(const Track& video, std::chrono::milliseconds target) {
    refuseNoTarget(target);
    // Times are compared in thousandths of ticks, to keep multiples of the target exact.
    const auto step = target.count() * static_cast<std::int64_t>(video.timescale);
    std::vector<std::size_t> starts;
    std::int64_t boundary = 0;
    for (std::size_t i = 0; i < video.samples.size(); ++i) {
        if (!video.samples[i].isKey) continue;
        const auto time = presentationTime(video.samples[i]) * 1000;
        if (!starts.empty() && time < boundary) continue;
        starts.push_back(i);
        boundary = (time / step + 1) * step;
    }
    return cutAt(video, starts);
}

std::vector<Segment> segmentAudio(const Track& audio, std::chrono::milliseconds target) {
    refuseNoTarget(target);
    const auto step = target.count() * static_cast<std::int64_t>(audio.timescale);
    const auto& samples = audio.samples;
    std::vector<std::size_t> starts{0};
    std::int64_t boundary = (presentationTime(samples.front()) * 1000 / step + 1) * step;
    for (std::size_t i = 1; i < samples.size(); ++i) {
        const auto time = presentationTime(samples[i]) * 1000;
        const auto following = time + static_cast<std::int64_t>(samples[i].duration) * 1000;
        // The edge before the boundary is the nearer one when the frame after it ends further away.
        const bool isNearest = time >= boundary || boundary - time <= following - boundary;
        if (!isNearest) continue;
        starts.push_back(i);
        while (boundary <= time || boundary - time <= following - boundary) boundary += step;
    }
    const auto lastDuration = (presentationEnd(audio) - presentationTime(samples[starts.back()])) * 1000;
    if (starts.size() > 1 && lastDuration * 10 < step) starts.pop_back();
    return cutAt(audio, starts);
}

}  // namespace playhouse::streaming
