#pragma once

#include <string_view>
#include <vector>

namespace playhouse::watch {

/// One file of the page, as the build put it into this library. Valid while the library is loaded.
struct EmbeddedFile {
    std::string_view name;  ///< "index.html", "favicon.svg", "assets/main-2VLTABJN.js"
    std::string_view contentType;
    std::string_view hash;  ///< of the content, in hexadecimal
    std::string_view content;
};

/// Every file of the page. Defined in EmbeddedFiles.cpp, which web/build.mjs writes.
std::vector<EmbeddedFile> embeddedFiles();

}  // namespace playhouse::watch
