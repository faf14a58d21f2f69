#include <playhouse/FileRange.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace playhouse {

struct SharedFile::Handle {
    int descriptor = -1;
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    timespec modified{};
    std::string path;

    Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (descriptor >= 0) ::close(descriptor);
    }
};

SharedFile::SharedFile(const std::filesystem::path& path) {
    const auto handle = std::make_shared<Handle>();
    handle->path = path.string();
    handle->descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (handle->descriptor < 0) throw std::system_error(errno, std::generic_category(), path.string());
    struct stat status {};
    if (::fstat(handle->descriptor, &status) != 0)
        throw std::system_error(errno, std::generic_category(), path.string());
    if (!S_ISREG(status.st_mode))
        throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                                path.string() + " is not a regular file");
    handle->size = static_cast<std::uint64_t>(status.st_size);
    handle->inode = status.st_ino;
    handle->modified = status.st_mtim;
    handle_ = handle;
}

int SharedFile::descriptor() const noexcept {
    return handle_->descriptor;
}

std::uint64_t SharedFile::size() const noexcept {
    return handle_->size;
}

std::chrono::system_clock::time_point SharedFile::lastModified() const noexcept {
    return std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(
        std::chrono::seconds(handle_->modified.tv_sec) + std::chrono::nanoseconds(handle_->modified.tv_nsec)));
}

std::string SharedFile::fingerprint() const {
    return std::to_string(handle_->inode) + "-" + std::to_string(handle_->size) + "-" +
           std::to_string(handle_->modified.tv_sec) + "." + std::to_string(handle_->modified.tv_nsec);
}

void SharedFile::read(std::uint64_t offset, void* into, std::size_t size) const {
    auto* target = static_cast<char*>(into);
    while (size > 0) {
        const auto got = ::pread(handle_->descriptor, target, size, static_cast<off_t>(offset));
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), handle_->path);
        }
        if (got == 0) throw std::runtime_error(handle_->path + " became shorter while it was in use");
        target += got;
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
}

}  // namespace playhouse
