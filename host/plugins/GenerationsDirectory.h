#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace playhouse::host {

/// Where the private copies of loaded libraries lie: the loader gives the old code for a path that it has loaded
/// before, so each generation is loaded from a path of its own. Copies stay while they are mapped, for backtraces.
///
/// Safe from any thread.
class GenerationsDirectory {
public:
    /// Makes `directory` when it is absent, and deletes the copies that ended processes left in it. Throws
    /// std::filesystem::filesystem_error.
    explicit GenerationsDirectory(const std::filesystem::path& directory);

    /// Copies `library` under a name that nothing had before, so that this user alone can change the copy. Throws
    /// std::runtime_error that says what is wrong, also when `library` changes meanwhile.
    std::filesystem::path copyOf(const std::filesystem::path& library, const std::string& pluginId);

    /// Deletes a copy, with the signature beside it.
    static void removeCopy(const std::filesystem::path& copy) noexcept;

private:
    std::filesystem::path directory_;
};

/// Whether the process has `file` (absolute, without symbolic links) in its memory (proc(5), /proc/self/maps).
bool isMapped(const std::filesystem::path& file);

}  // namespace playhouse::host
