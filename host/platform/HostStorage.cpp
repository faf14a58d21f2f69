#include "HostStorage.h"

#include <fcntl.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace playhouse::host {
namespace {

[[noreturn]] void throwErrno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

class Descriptor {
public:
    Descriptor(const std::filesystem::path& path, int flags, ::mode_t mode = 0)
        : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
        if (number_ < 0) throwErrno("cannot open " + path.string());
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(number_); }

    int number() const noexcept { return number_; }

private:
    int number_;
};

void writeAll(int descriptor, std::string_view content, const std::filesystem::path& file) {
    while (!content.empty()) {
        const auto written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throwErrno("cannot write " + file.string());
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// Makes what was written survive a power failure.
void synchronise(const Descriptor& descriptor, const std::filesystem::path& path) {
    if (::fsync(descriptor.number()) != 0) throwErrno("cannot write " + path.string() + " to disk");
}

}  // namespace

HostStorage::HostStorage(std::filesystem::path root, std::string pluginId)
    : root_(std::move(root)), pluginId_(std::move(pluginId)) {}

std::filesystem::path HostStorage::rootDirectory() {
    std::filesystem::create_directories(root_);
    return root_;
}

std::filesystem::path HostStorage::sharedDirectory(std::string_view name) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos ||
        name.find('\0') != std::string_view::npos)
        throw std::invalid_argument("\"" + std::string(name) + "\" is not the name of one directory");
    auto directory = root_ / name;
    std::filesystem::create_directories(directory);
    return directory;
}

std::filesystem::path HostStorage::ownDirectory() {
    auto directory = root_ / "plugins" / pluginId_;
    std::filesystem::create_directories(directory);
    return directory;
}

void HostStorage::write(const std::filesystem::path& file, std::string_view content, Readers readers) {
    static std::atomic<unsigned long> last{0};
    auto temporary = file;
    temporary += "." + std::to_string(::getpid()) + "-" + std::to_string(++last) + ".tmp";
    try {
        {
            const Descriptor descriptor(temporary, O_WRONLY | O_CREAT | O_EXCL,
                                        readers == Readers::Owner ? 0600 : 0644);
            writeAll(descriptor.number(), content, temporary);
            synchronise(descriptor, temporary);
        }
        if (::rename(temporary.c_str(), file.c_str()) != 0) throwErrno("cannot replace " + file.string());
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    synchronise(Descriptor(directory, O_RDONLY | O_DIRECTORY), directory);
}

}  // namespace playhouse::host
