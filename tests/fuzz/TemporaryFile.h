#pragma once

#include "Invariant.h"

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace playhouse::fuzz {

/// A file in memory, for code that opens files by their path.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string_view content) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
        require(descriptor_ >= 0, "there is memory for a file");
        require(::write(descriptor_, content.data(), content.size()) == static_cast<ssize_t>(content.size()),
                "the file takes its content");
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { ::close(descriptor_); }

    std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    int descriptor_;
};

}  // namespace playhouse::fuzz
