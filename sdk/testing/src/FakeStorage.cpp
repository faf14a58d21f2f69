#include <playhouse/testing/FakeStorage.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <stdlib.h>

namespace playhouse::testing {

FakeStorage::FakeStorage(std::string pluginId) : pluginId_(std::move(pluginId)) {
    auto pattern = (std::filesystem::temp_directory_path() / "playhouse-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), "cannot make " + pattern);
    root_ = pattern;
}

FakeStorage::~FakeStorage() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
}

std::filesystem::path FakeStorage::rootDirectory() {
    return root_;
}

std::filesystem::path FakeStorage::sharedDirectory(std::string_view name) {
    if (name.empty() || name.front() == '.' || name.find('/') != std::string_view::npos)
        throw std::invalid_argument("\"" + std::string(name) + "\" is not the name of a directory in the storage");
    const auto directory = root_ / name;
    std::filesystem::create_directories(directory);
    return directory;
}

std::filesystem::path FakeStorage::ownDirectory() {
    const auto directory = root_ / "plugins" / pluginId_;
    std::filesystem::create_directories(directory);
    return directory;
}

void FakeStorage::write(const std::filesystem::path& file, std::string_view content, Readers readers) {
    auto temporary = file;
    temporary += ".partial";
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), "cannot write " + file.string());
    if (readers == Readers::Owner)
        std::filesystem::permissions(temporary,
                                     std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::rename(temporary, file);
}

}  // namespace playhouse::testing
