#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace playhouse::host {

/// Notices that files have been written, replaced, made or removed, by looking. One thread.
///
/// It looks at what a name leads to, so that an editor that renames, and a Kubernetes volume that turns a link round,
/// are noticed as well as a write in place.
class FileWatch {
public:
    /// Watches these from now on, as they are now.
    void watch(std::vector<std::filesystem::path> files);

    /// Whether any is another than it was at the last look.
    bool changed();

private:
    std::vector<std::string> look() const;

    std::vector<std::filesystem::path> files_;
    std::vector<std::string> seen_;
};

}  // namespace playhouse::host
