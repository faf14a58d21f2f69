#include "LibraryWatch.h"

#include "LibraryFile.h"

#include "trust/LibrarySignature.h"

#include <sys/stat.h>

#include <stdexcept>
#include <utility>

namespace playhouse::host {

namespace {

std::string markOfFile(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return {};
    return std::to_string(status.st_dev) + " " + std::to_string(status.st_ino) + " " + std::to_string(status.st_size) +
           " " + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

}  // namespace

FileMark markOf(const std::filesystem::path& library) {
    const auto mark = markOfFile(library);
    return mark.empty() ? mark : mark + " signed " + markOfFile(signatureOf(library));
}

LibraryWatch::LibraryWatch(std::filesystem::path library, FileMark taken)
    : library_(std::move(library)), taken_(std::move(taken)), changing_(taken_) {}

LibraryWatch::Sight LibraryWatch::look(Time now) {
    const auto mark = markOf(library_);
    if (mark != changing_) {
        changing_ = mark;
        since_ = now;
    }
    if (changing_ == taken_ || changing_.empty() || now < since_ + settleTime) return {};
    taken_ = changing_;
    try {
        LibraryFile{library_};
    } catch (const std::runtime_error& problem) {
        return {.rebuilt = std::nullopt, .incomplete = problem.what()};
    }
    return {.rebuilt = taken_, .incomplete = {}};
}

}  // namespace playhouse::host
