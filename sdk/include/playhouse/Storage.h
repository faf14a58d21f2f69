#pragma once

#include <filesystem>
#include <string_view>

namespace playhouse {

/// Files that outlive the process, under `storage.path`. Safe from any thread.
class Storage {
public:
    virtual ~Storage();

    /// `storage.path` itself: for the few files that people look for there, such as passwords made for them.
    virtual std::filesystem::path rootDirectory() = 0;

    /// A directory that services share, e.g. "videos"; made when absent. `name` is one path segment.
    /// Throws std::invalid_argument for another name, std::filesystem::filesystem_error when it cannot be made.
    virtual std::filesystem::path sharedDirectory(std::string_view name) = 0;

    /// This plugin's own directory, shared by its generations and versions; made when absent.
    virtual std::filesystem::path ownDirectory() = 0;

    /// Who may read a file that is written; the process's umask may take more away.
    enum class Readers {
        All,    ///< mode 0644
        Owner,  ///< mode 0600, from the first byte on: for secrets
    };

    /// Writes `content` to `file` whole or not at all, also when the disk is full or the power goes: to a temporary
    /// file beside it that is then renamed. Throws std::system_error.
    void writeAtomically(const std::filesystem::path& file, std::string_view content, Readers readers = Readers::All) {
        write(file, content, readers);
    }

protected:
    /// writeAtomically().
    virtual void write(const std::filesystem::path& file, std::string_view content, Readers readers) = 0;
};

}  // namespace playhouse
