#pragma once

#include <playhouse/PluginDescriptor.h>

#include <filesystem>
#include <memory>
#include <string>

namespace playhouse::host {

class GenerationsDirectory;
class LibraryTrust;
class LoadedLibrary;

/// A library that is to be loaded.
struct LibrarySource {
    std::filesystem::path file;       ///< to read
    std::filesystem::path signature;  ///< of it; there need be none, unless one is required
    std::filesystem::path origin;     ///< to name in messages: where the file came from

    /// A file of its own, with its signature beside it.
    static LibrarySource at(const std::filesystem::path& library);
};

/// One loaded copy of a plugin's library. One thread at a time.
class PluginLibrary {
public:
    enum class Ending {
        Unloaded,     ///< gone from memory; the private copy is deleted
        StillMapped,  ///< something pins it; the copy stays, for backtraces
        KeptLoaded,   ///< left loaded on purpose: a sanitizer needs its symbols until the process ends
    };

    /// Copies the library, checks the copy's signature when `trust` demands one, loads the copy (RTLD_NOW, RTLD_LOCAL),
    /// and checks its descriptor. Nothing of a library without descriptor or trust is ever run.
    ///
    /// Throws PluginError SIGNATURE_REFUSED, or LIBRARY_REFUSED that names both sides of what does not fit; nothing
    /// stays loaded then.
    ///
    /// @param trust  null: any library
    PluginLibrary(const LibrarySource& source, const std::string& pluginId, GenerationsDirectory& directory,
                  const LibraryTrust* trust);

    /// As close().
    ~PluginLibrary();
    PluginLibrary(const PluginLibrary&) = delete;
    PluginLibrary& operator=(const PluginLibrary&) = delete;

    /// Valid until close().
    const PluginDescriptor& descriptor() const noexcept { return *descriptor_; }

    const std::filesystem::path& privateCopy() const noexcept { return copy_; }

    /// Unloads the library and looks whether it is gone. Nothing of its code or data may be in use any more.
    Ending close() noexcept;

    /// Leaves the library in memory for ever, because some of its code may run still.
    Ending abandon() noexcept;

private:
    void load(const LibrarySource& source, const std::string& pluginId, const LibraryTrust* trust);
    void discard() noexcept;

    std::filesystem::path copy_;
    std::unique_ptr<LoadedLibrary> loaded_;
    const PluginDescriptor* descriptor_ = nullptr;
};

}  // namespace playhouse::host
