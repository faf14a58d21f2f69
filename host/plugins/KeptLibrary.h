#pragma once

#include "PluginLibrary.h"

#include <filesystem>

namespace playhouse::host {

/// A library's file and its signature, held open, so that it can be loaded again whatever becomes of its name: rebuilt,
/// deleted, or cleared away with the directory it lay in. Its space on disk is free again when this goes.
class KeptLibrary {
public:
    /// With the signature beside `file`, if there is one. Throws std::system_error when `file` cannot be opened.
    explicit KeptLibrary(const std::filesystem::path& file);
    ~KeptLibrary();
    KeptLibrary(const KeptLibrary&) = delete;
    KeptLibrary& operator=(const KeptLibrary&) = delete;

    /// Paths that lead to the two for as long as this lives, in this process alone (proc(5), /proc/self/fd).
    LibrarySource source(const std::filesystem::path& origin) const;

private:
    int library_;
    int signature_;
};

}  // namespace playhouse::host
