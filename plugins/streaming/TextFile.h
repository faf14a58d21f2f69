#pragma once

#include <playhouse/FileRange.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace playhouse::streaming {

/// The whole of a small file. Throws std::system_error when it cannot be read, std::runtime_error above 16 MiB, which
/// no subtitle or description is.
inline std::string readTextFile(const std::filesystem::path& path) {
    constexpr std::uint64_t most = 16ULL * 1024 * 1024;
    const SharedFile file(path);
    if (file.size() > most)
        throw std::runtime_error(path.string() + ": larger than the 16 MiB that a text file may have");
    std::string text(static_cast<std::size_t>(file.size()), '\0');
    file.read(0, text.data(), text.size());
    return text;
}

}  // namespace playhouse::streaming
