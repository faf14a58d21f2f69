#include "WatchPage.h"

#include "HtmlText.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <stdexcept>

namespace playhouse::watch {
namespace {

constexpr std::string_view headMark = "<!--playhouse:head-->";

// Players make media and workers from blobs, and empty subtitle tracks from data; all else is this server's files.
constexpr std::string_view contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob: data:; "
    "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

constexpr std::string_view genericHead =
    "<title>Playhouse</title>\n"
    "    <meta name=\"description\" content=\"Video from a server of plugins, played by hls.js, dash.js and Shaka "
    "Player\">";

std::string hexadecimal(std::size_t value) {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016zx", value);
    return text.data();
}

std::string property(std::string_view name, std::string_view content) {
    return "\n    <meta property=\"" + std::string(name) + "\" content=\"" + escapedHtml(content) + "\">";
}

/// A video id as one path segment (RFC 3986 section 3.3).
std::string percentEncoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char character : text) {
        if (unreserved.find(character) != std::string_view::npos) {
            encoded += character;
            continue;
        }
        const auto byte = static_cast<unsigned char>(character);
        encoded += '%';
        encoded += digits[byte >> 4U];
        encoded += digits[byte & 0xfU];
    }
    return encoded;
}

std::string headOf(const VideoCatalog::Video& video, const std::optional<std::string>& origin) {
    const std::string& title = video.title.empty() ? video.id : video.title;
    std::string head = "<title>" + escapedHtml(title) + " · Playhouse</title>";
    if (!video.description.empty())
        head += "\n    <meta name=\"description\" content=\"" + escapedHtml(video.description) + "\">";
    head += property("og:site_name", "Playhouse");
    head += property("og:type", "video.other");
    head += property("og:title", title);
    if (!video.description.empty()) head += property("og:description", video.description);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(video.duration).count();
    if (seconds > 0) head += property("og:video:duration", std::to_string(seconds));
    if (!origin) return head;
    head += property("og:url", *origin + "/watch/" + percentEncoded(video.id));
    if (!video.posterPath.empty()) head += property("og:image", *origin + video.posterPath);
    return head;
}

}  // namespace

WatchPage::WatchPage(std::string_view pageTemplate, std::string_view hash) : hash_(hash) {
    const auto mark = pageTemplate.find(headMark);
    if (mark == std::string_view::npos || pageTemplate.find(headMark, mark + 1) != std::string_view::npos)
        throw std::invalid_argument("the watch page's template is to have one " + std::string(headMark));
    beforeHead_ = pageTemplate.substr(0, mark);
    afterHead_ = pageTemplate.substr(mark + headMark.size());
}

Response WatchPage::page(int status, const std::string& head) const {
    Response response(status);
    auto& headers = response.headers();
    headers.add("Content-Type", "text/html; charset=utf-8");
    headers.add("Content-Security-Policy", contentSecurityPolicy);
    headers.add("X-Content-Type-Options", "nosniff");
    headers.add("Referrer-Policy", "same-origin");
    // Kept, but asked for each time: a swap of this plugin is seen at the next reload.
    headers.add("Cache-Control", "no-cache");
    return std::move(response)
        .withETag(hash_ + "-" + hexadecimal(std::hash<std::string>{}(head)))
        .withBody(SharedBuffer(beforeHead_ + head + afterHead_));
}

Response WatchPage::forNoVideo() const {
    return page(200, std::string(genericHead));
}

Response WatchPage::forVideo(const VideoCatalog::Video& video, const std::optional<std::string>& origin) const {
    return page(200, headOf(video, origin));
}

Response WatchPage::forUnknownVideo() const {
    return page(404, std::string(genericHead));
}

std::optional<std::string> originOf(const Request& request) {
    const auto host = request.header("Host");
    if (!host || host->empty()) return std::nullopt;
    const bool plain = std::all_of(host->begin(), host->end(), [](char character) {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
               (character >= '0' && character <= '9') ||
               std::string_view(".-:[]").find(character) != std::string_view::npos;
    });
    if (!plain) return std::nullopt;
    const bool secure = request.header("X-Forwarded-Proto").value_or("") == "https";
    return (secure ? "https://" : "http://") + std::string(*host);
}

}  // namespace playhouse::watch
