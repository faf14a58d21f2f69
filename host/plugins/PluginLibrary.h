#pragma once

#include <playhouse/PluginDescriptor.h>

#include <filesystem>
#include <memory>
#include <string>

namespace playhouse::host {

class GenerationsDirectory;

/// One loaded copy of a plugin's library. One thread at a time.
class PluginLibrary {
public:
    enum class Ending {
        Unloaded,     ///< gone from memory; the private copy is deleted
        StillMapped,  ///< something pins it; the copy stays, for backtraces
        KeptLoaded,   ///< left loaded on purpose: a sanitizer needs its symbols until the process ends
    };

    /// Copies `library`, loads the copy (RTLD_NOW, RTLD_LOCAL), and checks its descriptor.
    ///
    /// Throws PluginError LIBRARY_REFUSED that names both sides of what does not fit; nothing stays loaded then.
    PluginLibrary(const std::filesystem::path& library, const std::string& pluginId, GenerationsDirectory& directory);

    /// As close().
    ~PluginLibrary();
    PluginLibrary(const PluginLibrary&) = delete;
    PluginLibrary& operator=(const PluginLibrary&) = delete;

    /// Valid until close().
    const PluginDescriptor& descriptor() const noexcept { return *descriptor_; }

    const std::filesystem::path& privateCopy() const noexcept { return copy_; }

    /// Unloads the library and looks whether it is gone. Nothing of its code or data may be in use any more.
    Ending close() noexcept;

private:
    class Handle;

    std::filesystem::path copy_;
    std::unique_ptr<Handle> handle_;
    const PluginDescriptor* descriptor_ = nullptr;
};

}  // namespace playhouse::host
