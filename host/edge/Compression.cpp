#include "Compression.h"

#include "FieldText.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace playhouse::host {
namespace {

bool isRefused(std::string_view parameters) {
    const auto q = parameters.find("q=");
    if (q == std::string_view::npos) return false;
    const auto weight = trimmed(parameters.substr(q + 2));
    return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool acceptsGzip(const Request& request) noexcept {
    auto rest = request.header("Accept-Encoding").value_or("");
    bool isOtherwiseAccepted = false;
    while (!rest.empty()) {
        const auto item = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), item.size() + 1));
        const auto semicolon = item.find(';');
        const auto coding = trimmed(item.substr(0, semicolon));
        const bool isAccepted = semicolon == std::string_view::npos || !isRefused(item.substr(semicolon + 1));
        if (equalsIgnoreCase(coding, "gzip")) return isAccepted;
        if (coding == "*") isOtherwiseAccepted = isAccepted;
    }
    return isOtherwiseAccepted;
}

bool isCompressible(std::string_view contentType) noexcept {
    const auto type = trimmed(contentType.substr(0, contentType.find(';')));
    if (type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml"))
        return type != "text/event-stream";
    constexpr std::array<std::string_view, 6> known{"application/json",          "application/javascript",
                                                    "application/xml",           "application/vnd.apple.mpegurl",
                                                    "application/manifest+json", "application/wasm"};
    return std::find(known.begin(), known.end(), type) != known.end();
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    constexpr int level = 5;
    constexpr int gzipWindow = 15 + 16;
    if (deflateInit2(&stream, level, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib could not begin");
    std::string packed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("zlib could not finish");
    return packed;
}

SharedBuffer CompressedBodies::of(const std::string& key, std::string_view plain) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = byKey_.find(key); found != byKey_.end()) {
            byUse_.splice(byUse_.begin(), byUse_, found->second);
            return found->second->second;
        }
    }
    SharedBuffer packed(gzip(plain));
    const std::lock_guard lock(mutex_);
    if (packed.size() > capacity_ || byKey_.contains(key)) return packed;
    byUse_.emplace_front(key, packed);
    byKey_.emplace(key, byUse_.begin());
    held_ += packed.size();
    while (held_ > capacity_) {
        held_ -= byUse_.back().second.size();
        byKey_.erase(byUse_.back().first);
        byUse_.pop_back();
    }
    return packed;
}

}  // namespace playhouse::host
