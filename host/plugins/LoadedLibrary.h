#pragma once

#include <playhouse/PluginDescriptor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// A library in this process's memory, by Boost.DLL, until it goes. One thread at a time.
class LoadedLibrary {
public:
    /// Loads `file` (RTLD_NOW, RTLD_LOCAL), which runs the constructors of its static objects. Throws
    /// std::runtime_error that says in a line what is missing, and what to do.
    explicit LoadedLibrary(const std::filesystem::path& file);
    ~LoadedLibrary();
    LoadedLibrary(const LoadedLibrary&) = delete;
    LoadedLibrary& operator=(const LoadedLibrary&) = delete;

    /// Valid for as long as this lives. Throws std::runtime_error when the library exports none.
    const PluginDescriptor& descriptor() const;

private:
    class Handle;
    std::unique_ptr<Handle> handle_;
};

/// Why this host does not load the plugin with that descriptor, each naming what the library says and what this host
/// says; empty when it does.
///
/// @param pluginId  that the configuration names it by; nullopt: any
std::vector<std::string> mismatches(const PluginDescriptor& descriptor, const std::optional<std::string>& pluginId);

/// What the loader's message (dlerror(3)) means, in at most 500 bytes.
std::string describeLoadProblem(std::string_view loaderMessage);

/// The C++ name of a symbol, or the symbol itself when it is none.
std::string demangled(const std::string& symbol);

}  // namespace playhouse::host
