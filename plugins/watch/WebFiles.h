#pragma once

#include "EmbeddedFile.h"

#include <playhouse/Response.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::watch {

/// The page's scripts, styles and icon, held in memory once and shared by all responses.
///
/// Safe to use from any thread. Responses stay valid after this is gone.
class WebFiles {
public:
    /// Copies the files' content out of the library.
    explicit WebFiles(const std::vector<EmbeddedFile>& files);

    /// The file `assets/<name>`. Its name holds its content's hash, so clients may keep it for ever.
    /// Throws ApiError 404 when there is none, as after a swap to a version with other files.
    Response asset(std::string_view name) const;

    Response favicon() const;

    /// The template of the page, and the hash of its text. Valid while this lives.
    std::string_view pageTemplate() const;
    std::string_view pageHash() const;

private:
    struct File {
        std::string contentType;
        std::string hash;
        SharedBuffer content;
    };

    const File& at(std::string_view name) const;

    std::map<std::string, File, std::less<>> files_;
};

}  // namespace playhouse::watch
