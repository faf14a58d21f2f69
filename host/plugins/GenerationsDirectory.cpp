#include "GenerationsDirectory.h"

#include "PrivateCopy.h"
#include "trust/LibrarySignature.h"

#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace playhouse::host {
namespace {

namespace fs = std::filesystem;

/// The process in the name of a copy, "<pid>-<number>-<plugin>.so", or of its signature; 0 for another file.
pid_t ownerOf(const std::string& fileName) {
    pid_t owner = 0;
    const auto* end = fileName.data() + fileName.size();
    const auto result = std::from_chars(fileName.data(), end, owner);
    const bool isCopy = result.ec == std::errc() && result.ptr != end && *result.ptr == '-' &&
                        (fileName.ends_with(".so") || fileName.ends_with(".so.sig"));
    return isCopy ? owner : 0;
}

/// Whether `process` may still have files mapped. One that was killed stays known until its parent asks for its end,
/// which in a container may be never (proc(5), /proc/<pid>/stat: state Z).
bool isAlive(pid_t process) {
    if (::kill(process, 0) != 0 && errno == ESRCH) return false;
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string stat;
    std::getline(file, stat);
    // The program's name, in parentheses, may hold any character.
    const auto state = stat.rfind(") ");
    return state == std::string::npos || stat.compare(state, 3, ") Z") != 0;
}

void removeLeftOvers(const fs::path& directory) {
    for (const auto& entry : fs::directory_iterator(directory)) {
        const auto owner = ownerOf(entry.path().filename().string());
        if (owner <= 0) continue;
        // In a container the process before had the same number.
        auto copy = entry.path();
        if (copy.extension() == ".sig") copy.replace_extension();
        if (owner == ::getpid() ? isMapped(copy) : isAlive(owner)) continue;
        std::error_code ignored;
        fs::remove(entry.path(), ignored);
    }
}

/// What changes when a file is written or replaced.
std::pair<std::uintmax_t, fs::file_time_type> versionOf(const fs::path& file) {
    return {fs::file_size(file), fs::last_write_time(file)};
}

}  // namespace

GenerationsDirectory::GenerationsDirectory(const fs::path& directory) {
    fs::create_directories(directory);
    directory_ = fs::canonical(directory);
    removeLeftOvers(directory_);
}

fs::path GenerationsDirectory::copyOf(const fs::path& library, const std::string& pluginId) {
    // One count for the process: the loader's memory of paths is the process's too.
    static std::atomic<std::uint64_t> last{0};
    fs::path copy;
    // Another container's process of the same number may share the directory.
    do copy = directory_ / (std::to_string(::getpid()) + "-" + std::to_string(++last) + "-" + pluginId + ".so");
    while (fs::exists(fs::symlink_status(copy)));
    try {
        // Someone may have cleared the storage while the server ran.
        fs::create_directories(directory_);
        const auto before = versionOf(library);
        copyPrivately(library, copy);
        if (versionOf(library) != before)
            throw std::runtime_error("it is being written at this moment; try again when it is complete");
    } catch (const fs::filesystem_error& problem) {
        removeCopy(copy);
        throw std::runtime_error("it cannot be copied to " + copy.string() + ": " + problem.code().message());
    } catch (const std::runtime_error&) {
        removeCopy(copy);
        throw;
    }
    return copy;
}

void GenerationsDirectory::removeCopy(const fs::path& copy) noexcept {
    std::error_code ignored;
    fs::remove(copy, ignored);
    fs::remove(signatureOf(copy), ignored);
}

bool isMapped(const fs::path& file) {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        if (const auto path = line.find('/');
            path != std::string::npos && std::string_view(line).substr(path).starts_with(file.native()))
            return true;
    return false;
}

}  // namespace playhouse::host
