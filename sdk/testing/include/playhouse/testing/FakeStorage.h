#pragma once

#include <playhouse/Storage.h>

#include <string>

namespace playhouse::testing {

/// Storage in a new directory under the system's temporary one, removed with this object. Safe from any thread.
class FakeStorage final : public Storage {
public:
    /// Throws std::system_error when no directory can be made.
    explicit FakeStorage(std::string pluginId);
    ~FakeStorage() override;
    FakeStorage(const FakeStorage&) = delete;
    FakeStorage& operator=(const FakeStorage&) = delete;

    /// What `storage.path` would be.
    const std::filesystem::path& root() const noexcept { return root_; }

    std::filesystem::path rootDirectory() override;
    std::filesystem::path sharedDirectory(std::string_view name) override;
    std::filesystem::path ownDirectory() override;

protected:
    void write(const std::filesystem::path& file, std::string_view content, Readers readers) override;

private:
    std::string pluginId_;
    std::filesystem::path root_;
};

}  // namespace playhouse::testing
