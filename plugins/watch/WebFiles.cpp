#include "WebFiles.h"

#include <playhouse/ApiError.h>

#include <cstring>
#include <span>
#include <stdexcept>

namespace playhouse::watch {
namespace {

SharedBuffer copyOf(std::string_view text) {
    return SharedBuffer::filled(text.size(), [text](std::span<std::byte> into) {
        if (!text.empty()) std::memcpy(into.data(), text.data(), text.size());
    });
}

}  // namespace

WebFiles::WebFiles(const std::vector<EmbeddedFile>& files) {
    for (const auto& file : files)
        files_.emplace(file.name, File{std::string(file.contentType), std::string(file.hash), copyOf(file.content)});
}

const WebFiles::File& WebFiles::at(std::string_view name) const {
    const auto found = files_.find(name);
    if (found == files_.end()) throw std::logic_error("the page was built without " + std::string(name));
    return found->second;
}

Response WebFiles::asset(std::string_view name) const {
    const auto found = files_.find("assets/" + std::string(name));
    if (found == files_.end())
        throw ApiError::notFound("There is no file \"" + std::string(name) +
                                 "\" of the watch page. Reload the page to get the present version's files.");
    const auto& file = found->second;
    return Response::bytes(file.content, file.contentType)
        .withETag(file.hash)
        .withCacheControl("public, max-age=31536000, immutable")
        .withHeader("X-Content-Type-Options", "nosniff");
}

Response WebFiles::favicon() const {
    const auto& file = at("favicon.svg");
    return Response::bytes(file.content, file.contentType)
        .withETag(file.hash)
        .withCacheControl("public, max-age=86400")
        .withHeader("X-Content-Type-Options", "nosniff");
}

std::string_view WebFiles::pageTemplate() const {
    return at("index.html").content.text();
}

std::string_view WebFiles::pageHash() const {
    return at("index.html").hash;
}

}  // namespace playhouse::watch
