#include "KeptLibrary.h"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <string>
#include <system_error>

namespace playhouse::host {

KeptLibrary::KeptLibrary(const std::filesystem::path& file) : descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "cannot open " + file.string());
}

KeptLibrary::~KeptLibrary() {
    ::close(descriptor_);
}

std::filesystem::path KeptLibrary::path() const {
    return "/proc/self/fd/" + std::to_string(descriptor_);
}

}  // namespace playhouse::host
