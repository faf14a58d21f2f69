#include "PrivateCopy.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace playhouse::host {
namespace {

class OpenFile {
public:
    explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
    ~OpenFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

/// Copies to the end of `from`; the number of the problem, 0 for none.
int copyContent(const OpenFile& from, const OpenFile& to) {
    constexpr std::size_t chunk = 1 << 30;
    while (true) {
        const auto count = ::sendfile(to.descriptor(), from.descriptor(), nullptr, chunk);
        if (count == 0) return 0;
        if (count < 0 && errno != EINTR) return errno;
    }
}

}  // namespace

void copyPrivately(const std::filesystem::path& from, const std::filesystem::path& to) {
    const auto fail = [&](int problem) {
        throw std::filesystem::filesystem_error("copy", from, to, {problem, std::generic_category()});
    };
    const OpenFile source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (source.descriptor() < 0) fail(errno);
    struct stat status {};
    if (::fstat(source.descriptor(), &status) != 0) fail(errno);
    if (!S_ISREG(status.st_mode)) fail(S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
    const OpenFile target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400));
    if (target.descriptor() < 0) fail(errno);
    if (const auto problem = copyContent(source, target)) {
        ::unlink(to.c_str());
        fail(problem);
    }
}

}  // namespace playhouse::host
