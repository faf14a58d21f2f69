#pragma once

#include <Poco/TemporaryFile.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

/// A directory of a test's own, removed with all in it.
class TemporaryDirectory {
public:
    TemporaryDirectory() : path_(Poco::TemporaryFile::tempName()) { std::filesystem::create_directories(path_); }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

    /// Writes `name`, making its directories; gives its whole path.
    std::filesystem::path write(std::string_view name, std::string_view content) const {
        const auto file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
        return file;
    }

private:
    std::filesystem::path path_;
};
