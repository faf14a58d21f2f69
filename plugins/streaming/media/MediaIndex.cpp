#include "MediaIndex.h"

#include "Demuxer.h"
#include "IndexFile.h"
#include "SampleCounts.h"
#include "TrackReader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>

namespace playhouse::streaming {
namespace {

namespace fs = std::filesystem;

std::int64_t start(const Track& track) {
    std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
    for (const auto& sample : track.samples)
        earliest = std::min(earliest, sample.decodeTime + sample.compositionOffset);
    return earliest;
}

/// A file whose video begins late with all the rest, as one cut from a broadcast, is moved to begin at 0. Audio alone
/// stays where it is: its video is in another file.
void moveToZero(std::vector<Track>& tracks) {
    if (std::ranges::none_of(tracks, [](const Track& track) { return track.kind == TrackKind::Video; })) return;
    Rational earliest{std::numeric_limits<std::int64_t>::max(), 1};
    for (const auto& track : tracks) {
        const Rational candidate{start(track), track.timescale};
        if (static_cast<long double>(candidate.numerator) / static_cast<long double>(candidate.denominator) <
            static_cast<long double>(earliest.numerator) / static_cast<long double>(earliest.denominator))
            earliest = candidate;
    }
    if (earliest.numerator == 0) return;
    for (auto& track : tracks) {
        const auto whole = earliest.numerator / earliest.denominator * track.timescale;
        const auto part = (earliest.numerator % earliest.denominator * track.timescale + earliest.denominator / 2) /
                          earliest.denominator;
        for (auto& sample : track.samples) sample.decodeTime -= whole + part;
    }
}

std::vector<Track> readTracks(const SharedFile& file) {
    refuseImpossibleCounts(file);
    Demuxer demuxer(file);
    std::vector<std::unique_ptr<TrackReader>> readers;
    for (auto* stream : demuxer.streams()) {
        const bool wanted = TrackReader::canRead(*stream);
        stream->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
        readers.push_back(wanted ? std::make_unique<TrackReader>(*stream) : nullptr);
    }
    while (const auto* packet = demuxer.next()) {
        const auto index = static_cast<std::size_t>(packet->stream_index);
        if (index < readers.size() && readers[index]) readers[index]->add(*packet, file);
    }
    std::vector<Track> tracks;
    for (const auto& reader : readers)
        if (reader)
            if (auto track = reader->finish(file)) tracks.push_back(std::move(*track));
    if (tracks.empty()) throw std::runtime_error("it holds no H.264 and no AAC samples");
    moveToZero(tracks);
    return tracks;
}

SharedFile open(const fs::path& file) {
    try {
        return SharedFile(file);
    } catch (const std::system_error& error) {
        throw MediaError(error.what());
    }
}

MediaFile index(SharedFile opened, const fs::path& path) {
    try {
        auto tracks = readTracks(opened);
        return {std::move(opened), std::move(tracks)};
    } catch (const std::bad_alloc&) {
        throw MediaError(path.string() + " cannot be streamed: its header asks for more memory than there is");
    } catch (const std::exception& error) {
        throw MediaError(path.string() + " cannot be streamed: " + error.what());
    }
}

/// One name for each path; the fingerprint inside tells whether the content is still the same.
fs::path indexPath(const fs::path& file, const fs::path& directory) {
    std::uint64_t hash = 14695981039346656037u;  // FNV-1a
    for (const char letter : fs::absolute(file).lexically_normal().string())
        hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211u;
    std::array<char, 24> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
    return directory / (file.stem().string() + "-" + digits.data() + ".index");
}

std::string readWhole(const fs::path& path) {
    std::error_code none;
    const auto size = fs::file_size(path, none);
    if (none) return {};
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::ifstream in(path, std::ios::binary);
    if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return {};
    return bytes;
}

/// Keeps `bytes` whole or not at all. A failure is no error: the index is made again at the next start.
void keep(const fs::path& path, const std::string& bytes) {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    auto temporary = path.string() + ".XXXXXX";
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return;
    const auto* next = bytes.data();
    auto left = bytes.size();
    while (left > 0) {
        const auto written = ::write(descriptor, next, left);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        next += written;
        left -= static_cast<std::size_t>(written);
    }
    // No fsync: the checksum tells a file that a power cut left half written.
    const bool closed = ::close(descriptor) == 0;
    if (left > 0 || !closed || std::rename(temporary.c_str(), path.c_str()) != 0) ::unlink(temporary.c_str());
}

}  // namespace

MediaFile indexMedia(const fs::path& file) {
    return index(open(file), file);
}

MediaFile openMedia(const fs::path& file, const fs::path& indexDirectory) {
    auto opened = open(file);
    const auto path = indexPath(file, indexDirectory);
    if (auto tracks = decodeIndex(readWhole(path), opened.fingerprint(), opened.size()))
        return {std::move(opened), std::move(*tracks)};
    const auto fingerprint = opened.fingerprint();
    auto media = index(std::move(opened), file);
    keep(path, encodeIndex(media.tracks, fingerprint));
    return media;
}

}  // namespace playhouse::streaming
