#include "KeptLibrary.h"

#include "trust/LibrarySignature.h"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <string>
#include <system_error>

namespace playhouse::host {
namespace {

int openToRead(const std::filesystem::path& file) {
    return ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

std::filesystem::path pathOf(int descriptor) {
    return "/proc/self/fd/" + std::to_string(descriptor);
}

}  // namespace

KeptLibrary::KeptLibrary(const std::filesystem::path& file)
    : library_(openToRead(file)), signature_(library_ < 0 ? -1 : openToRead(signatureOf(file))) {
    if (library_ < 0) throw std::system_error(errno, std::generic_category(), "cannot open " + file.string());
}

KeptLibrary::~KeptLibrary() {
    ::close(library_);
    if (signature_ >= 0) ::close(signature_);
}

LibrarySource KeptLibrary::source(const std::filesystem::path& origin) const {
    return {pathOf(library_), signature_ < 0 ? std::filesystem::path() : pathOf(signature_), origin};
}

}  // namespace playhouse::host
