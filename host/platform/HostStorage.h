#pragma once

#include <playhouse/Storage.h>

#include <filesystem>
#include <string>

namespace playhouse::host {

/// Storage under a root directory: `<root>/<name>` is shared, `<root>/plugins/<id>` is a plugin's own.
class HostStorage final : public Storage {
public:
    HostStorage(std::filesystem::path root, std::string pluginId);

    std::filesystem::path rootDirectory() override;
    std::filesystem::path sharedDirectory(std::string_view name) override;
    std::filesystem::path ownDirectory() override;

protected:
    void write(const std::filesystem::path& file, std::string_view content, Readers readers) override;

private:
    std::filesystem::path root_;
    std::string pluginId_;
};

}  // namespace playhouse::host
