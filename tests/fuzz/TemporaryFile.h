#pragma once

#include "Invariant.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace playhouse::fuzz {

/// A file that goes with this, in memory where there is /dev/shm, for code that opens files by their path.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string_view content) {
        const bool inMemory = ::access("/dev/shm", W_OK) == 0;
        path_ = (inMemory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/playhouse-fuzz-XXXXXX";
        const int descriptor = ::mkstemp(path_.data());
        require(descriptor >= 0, "a temporary file can be made");
        const auto written = ::write(descriptor, content.data(), content.size());
        ::close(descriptor);
        require(written == static_cast<ssize_t>(content.size()), "the file takes its content");
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { ::unlink(path_.c_str()); }

    std::filesystem::path path() const { return path_; }

private:
    std::string path_;
};

}  // namespace playhouse::fuzz
