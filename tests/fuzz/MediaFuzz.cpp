#include "CommonMedia.h"
#include "IndexFile.h"
#include "Invariant.h"
#include "MediaIndex.h"
#include "Segmentation.h"
#include "TemporaryFile.h"
#include "TransportStream.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// An MP4 file: indexed, cut into segments, and written as MPEG-TS and CMAF.

namespace {

using namespace playhouse;
using namespace playhouse::streaming;
using fuzz::require;

constexpr std::size_t largestInput = 64 * 1024;
constexpr std::size_t mostSegments = 64;

std::string readAll(BodySource& source, std::size_t step) {
    std::string bytes;
    std::vector<std::byte> span(step);
    while (const auto count = source.read(span)) {
        require(count <= step, "a source stays inside its span");
        bytes.append(reinterpret_cast<const char*>(span.data()), count);
    }
    return bytes;
}

std::string readAll(const Body& body, std::size_t step) {
    if (auto* source = body.source()) return readAll(*source, step);
    std::string bytes;
    for (const auto& part : body.parts()) {
        if (const auto* buffer = std::get_if<SharedBuffer>(&part)) {
            bytes += buffer->text();
            continue;
        }
        const auto& range = std::get<FileRange>(part);
        std::string read(range.size, '\0');
        range.file.read(range.offset, read.data(), read.size());
        bytes += read;
    }
    return bytes;
}

void checkSegments(const Track& track, const std::vector<Segment>& segments) {
    std::size_t next = 0;
    for (const auto& segment : segments) {
        require(segment.firstSample == next && segment.sampleCount > 0, "every sample is in one segment");
        require(segment.duration > 0, "a segment lasts");
        next += segment.sampleCount;
    }
    require(next == track.samples.size(), "no sample is left over");
}

void checkTransportStream(const SharedFile& file, const std::shared_ptr<const Track>& track,
                          const std::vector<Segment>& segments) {
    const auto packager = TransportStreamPackager::make(file, track, segments);
    for (std::size_t index = 0; index < segments.size(); ++index) {
        const auto bytes = readAll(*packager->segment(index), 64 * 1024);
        require(bytes.size() == packager->segmentSize(index), "a TS segment is as large as said");
        require(bytes.size() % 188 == 0, "a TS segment is whole packets");
        for (std::size_t at = 0; at < bytes.size(); at += 188) require(bytes[at] == 0x47, "a packet begins in sync");
        require(readAll(*packager->segment(index), 1000) == bytes, "a TS segment is the same in small steps");
        const auto skipped = packager->segment(index);
        skipped->skip(bytes.size() / 2);
        require(readAll(*skipped, 333) == bytes.substr(bytes.size() / 2), "a TS segment is the same from its middle");
    }
    if (track->kind == TrackKind::Video)
        for (const auto& range : packager->keyFrames())
            require(range.offset + range.size <= packager->segmentSize(range.segment), "a key frame lies inside");
}

/// Boxes lie side by side and fill the bytes (ISO/IEC 14496-12 section 4.2).
void checkBoxes(std::string_view bytes) {
    while (!bytes.empty()) {
        require(bytes.size() >= 8, "a box has a header");
        std::size_t size = 0;
        for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
        require(size >= 8 && size <= bytes.size(), "a box lies inside");
        bytes.remove_prefix(size);
    }
}

void checkCommonMedia(const SharedFile& file, const std::shared_ptr<const Track>& track,
                      const std::vector<Segment>& segments) {
    const CommonMediaPackager packager(file, track, segments);
    checkBoxes(packager.initialization().text());
    for (std::size_t index = 0; index < segments.size(); ++index) {
        const auto bytes = readAll(packager.segment(index), 64 * 1024);
        require(bytes.size() == packager.segmentSize(index), "a CMAF segment is as large as said");
        checkBoxes(bytes);
        require(readAll(packager.segment(index), 777) == bytes, "a CMAF segment is the same in small steps");
    }
    if (track->kind == TrackKind::Video)
        for (const auto& range : packager.keyFrames())
            require(range.offset + range.size <= packager.segmentSize(range.segment), "a key frame lies inside");
}

void checkIndex(const MediaFile& media) {
    const auto bytes = encodeIndex(media.tracks, "fingerprint");
    const auto again = decodeIndex(bytes, "fingerprint", media.file.size());
    require(again && encodeIndex(*again, "fingerprint") == bytes, "a kept index is the index that was kept");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > largestInput) return -1;
    const fuzz::TemporaryFile file({reinterpret_cast<const char*>(data), size});
    MediaFile media = [&]() -> MediaFile {
        try {
            return indexMedia(file.path());
        } catch (const MediaError&) {
            return {SharedFile(file.path()), {}};
        }
    }();
    if (media.tracks.empty()) return 0;
    checkIndex(media);
    for (auto& one : media.tracks) {
        const auto track = std::make_shared<const Track>(std::move(one));
        for (const auto target : {std::chrono::milliseconds(200), std::chrono::milliseconds(6000)}) {
            const auto segments =
                track->kind == TrackKind::Video ? segmentVideo(*track, target) : segmentAudio(*track, target);
            checkSegments(*track, segments);
            if (segments.size() > mostSegments) continue;
            try {
                checkTransportStream(media.file, track, segments);
                checkCommonMedia(media.file, track, segments);
            } catch (const std::length_error&) {
                // Segments of 2 GiB, from timestamps that leap.
            }
        }
    }
    return 0;
}
