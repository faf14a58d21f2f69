#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace playhouse {

/// A file opened for reading, with shared ownership; the descriptor is closed with the last owner.
///
/// Safe to use from any thread: reads name their offset.
class SharedFile {
public:
    /// Opens `path`. Throws std::system_error with the path in its text when that fails, or when it is no regular file.
    explicit SharedFile(const std::filesystem::path& path);

    int descriptor() const noexcept;

    /// Bytes in the file when it was opened.
    std::uint64_t size() const noexcept;

    /// When the file was last written, as of opening it.
    std::chrono::system_clock::time_point lastModified() const noexcept;

    /// A text that changes when the file is replaced or written: made of its inode, size and modification time.
    std::string fingerprint() const;

    /// Reads exactly `size` bytes at `offset`. Throws std::runtime_error when the file has become shorter than that,
    /// and std::system_error when the read fails.
    void read(std::uint64_t offset, void* into, std::size_t size) const;

private:
    struct Handle;
    std::shared_ptr<const Handle> handle_;
};

/// Bytes `offset` to `offset + size` of a file, sent from the page cache without passing through the process.
struct FileRange {
    SharedFile file;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

}  // namespace playhouse
