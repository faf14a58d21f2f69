#pragma once

#include <filesystem>

namespace playhouse::host {

/// A library's file, held open, so that it can be loaded again whatever becomes of its name: rebuilt, deleted, or
/// cleared away with the directory it lay in. Its space on disk is free again when this goes.
class KeptLibrary {
public:
    /// Throws std::system_error when `file` cannot be opened.
    explicit KeptLibrary(const std::filesystem::path& file);
    ~KeptLibrary();
    KeptLibrary(const KeptLibrary&) = delete;
    KeptLibrary& operator=(const KeptLibrary&) = delete;

    /// A path that leads to the file for as long as this lives, in this process alone (proc(5), /proc/self/fd).
    std::filesystem::path path() const;

private:
    int descriptor_;
};

}  // namespace playhouse::host
