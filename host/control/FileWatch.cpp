#include "FileWatch.h"

#include <sys/stat.h>

#include <utility>

namespace playhouse::host {

void FileWatch::watch(std::vector<std::filesystem::path> files) {
    files_ = std::move(files);
    seen_ = look();
}

bool FileWatch::changed() {
    auto now = look();
    return std::exchange(seen_, now) != now;
}

std::vector<std::string> FileWatch::look() const {
    std::vector<std::string> marks;
    for (const auto& file : files_) {
        struct stat status {};
        if (stat(file.c_str(), &status) != 0) {
            marks.emplace_back();
            continue;
        }
        marks.push_back(std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " +
                        std::to_string(status.st_mtim.tv_sec) + " " + std::to_string(status.st_mtim.tv_nsec));
    }
    return marks;
}

}  // namespace playhouse::host
