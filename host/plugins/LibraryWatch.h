#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace playhouse::host {

/// What tells one version of a library from the next: inode, size and time of change of its file, and of the signature
/// beside it, without which it may have been refused. Empty for a library that is not there.
using FileMark = std::string;

FileMark markOf(const std::filesystem::path& library);

/// Notices that a library has been rebuilt, by looking, once it is whole. One thread at a time.
///
/// Linkers write a file in several steps: one that has changed is looked at again until it has stayed the same for a
/// while, and has everything that its headers promise.
class LibraryWatch {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// For which a file must stay the same to be taken as written.
    static constexpr std::chrono::milliseconds settleTime{300};

    /// @param taken  the version that needs not be told: what is in use
    LibraryWatch(std::filesystem::path library, FileMark taken);

    const std::filesystem::path& library() const noexcept { return library_; }

    struct Sight {
        std::optional<FileMark> rebuilt;  ///< a whole new version lies there; told once
        std::string incomplete;           ///< why what lies there is not taken, until it changes; told once
    };

    Sight look(Time now);

private:
    std::filesystem::path library_;
    FileMark taken_;     ///< told, or there when the watch began
    FileMark changing_;  ///< newer, and not told yet
    Time since_{};       ///< when `changing_` was seen first
};

}  // namespace playhouse::host
