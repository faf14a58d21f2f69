#pragma once

#include <playhouse/Request.h>
#include <playhouse/Response.h>

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Whether the client takes gzip (RFC 9110 section 12.5.3).
bool acceptsGzip(const Request& request) noexcept;

/// Whether a media type is text that compresses: text/*, JSON, JavaScript, XML, SVG, playlists and manifests.
bool isCompressible(std::string_view contentType) noexcept;

/// `text` in the gzip format (RFC 1952), by zlib. Throws std::runtime_error when zlib fails.
std::string gzip(std::string_view text);

/// Compressed bodies that have a strong ETag, kept so that each is compressed once. Bounded in bytes, the least
/// recently used go first. Safe from any thread.
class CompressedBodies {
public:
    explicit CompressedBodies(std::size_t capacityBytes) : capacity_(capacityBytes) {}

    /// The gzip form of `plain`, which is what `key` (target and ETag) stands for.
    SharedBuffer of(const std::string& key, std::string_view plain);

private:
    using Entry = std::pair<std::string, SharedBuffer>;

    std::mutex mutex_;
    std::size_t capacity_;
    std::size_t held_ = 0;
    std::list<Entry> byUse_;
    std::map<std::string, std::list<Entry>::iterator, std::less<>> byKey_;
};

}  // namespace playhouse::host
