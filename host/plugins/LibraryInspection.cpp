#include "LibraryInspection.h"

#include "LibraryFile.h"
#include "LoadedLibrary.h"

#include "trust/LibraryTrust.h"

#include <dlfcn.h>
#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace playhouse::host {
namespace {

/// The libraries that one needs, loaded for as long as this lives.
class Neighbours {
public:
    explicit Neighbours(const std::vector<std::string>& names) {
        for (const auto& name : names) {
            if (void* const handle = ::dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL))
                handles_.push_back(handle);
            else
                missing_.push_back(name);
        }
    }
    ~Neighbours() {
        for (void* const handle : handles_) ::dlclose(handle);
    }
    Neighbours(const Neighbours&) = delete;
    Neighbours& operator=(const Neighbours&) = delete;

    const std::vector<std::string>& missing() const noexcept { return missing_; }

    bool have(const std::string& symbol) const {
        return ::dlsym(RTLD_DEFAULT, symbol.c_str()) != nullptr ||
               std::any_of(handles_.begin(), handles_.end(),
                           [&](void* handle) { return ::dlsym(handle, symbol.c_str()) != nullptr; });
    }

private:
    std::vector<void*> handles_;
    std::vector<std::string> missing_;
};

std::string textOf(const char* text) {
    return text ? text : "";
}

void look(const std::filesystem::path& library, LibraryInspection& found) {
    LibraryFile file(library);
    bool isPlugin = false;
    std::vector<std::string> wanted;
    for (const auto& symbol : file.dynamicSymbols()) {
        if (symbol.name == PluginDescriptor::symbolName)
            isPlugin = symbol.defined;
        else if (symbol.defined)
            found.exportedSymbols.push_back(demangled(symbol.name));
        else if (!symbol.weak)
            wanted.push_back(symbol.name);
        if (symbol.unique) found.uniqueSymbols.push_back(demangled(symbol.name));
    }
    found.neededLibraries = file.neededLibraries();
    found.isLibrary = true;
    if (!isPlugin)
        found.refusals.push_back("it does not export " + std::string(PluginDescriptor::symbolName) +
                                 "; export a plugin with PLAYHOUSE_PLUGIN");
    if (!found.uniqueSymbols.empty())
        found.warnings.push_back("it cannot be unloaded, because of its " + std::to_string(found.uniqueSymbols.size()) +
                                 " GNU_UNIQUE symbols: each swap would leave it in memory; build it with "
                                 "playhouse_add_plugin()");
    if (!found.exportedSymbols.empty())
        found.warnings.push_back("it exports " + std::to_string(found.exportedSymbols.size()) +
                                 " symbols beside its descriptor; build it with playhouse_add_plugin()");

    const Neighbours neighbours(found.neededLibraries);
    for (const auto& name : neighbours.missing())
        found.refusals.push_back("it needs the library " + name + ", which is not installed here; install it");
    if (!neighbours.missing().empty()) return;
    for (const auto& name : wanted)
        if (!neighbours.have(name)) found.undefinedSymbols.push_back(demangled(name));
    if (!found.undefinedSymbols.empty())
        found.refusals.push_back("it needs " + std::to_string(found.undefinedSymbols.size()) +
                                 " symbols that neither this host nor the libraries it names have; link what defines "
                                 "them, or build it with the SDK of this host");
}

void load(const std::filesystem::path& library, LibraryInspection& found) {
    const LoadedLibrary loaded(library);
    const auto& descriptor = loaded.descriptor();
    if (descriptor.magic == PluginDescriptor::expectedMagic)
        found.abi = std::to_string(descriptor.abiMajor) + "." + std::to_string(descriptor.abiMinor);
    // In a descriptor of another ABI or size the texts lie elsewhere.
    const bool readable = descriptor.magic == PluginDescriptor::expectedMagic &&
                          descriptor.abiMajor == PluginDescriptor::currentAbiMajor &&
                          descriptor.structSize >= sizeof(PluginDescriptor);
    if (readable) {
        found.id = textOf(descriptor.id);
        found.version = textOf(descriptor.version);
        found.fingerprint = textOf(descriptor.fingerprint);
    }
    for (auto& problem : mismatches(descriptor, std::nullopt)) found.refusals.push_back(std::move(problem));
}

}  // namespace

LibraryInspection inspectLibrary(const std::filesystem::path& library, const LibraryTrust* trust) {
    LibraryInspection found;
    try {
        // The loader searches for a name without a folder elsewhere.
        const auto file = std::filesystem::absolute(library);
        if (trust) trust->check(file, library);
        look(file, found);
        if (found.refusals.empty()) load(file, found);
    } catch (const std::exception& problem) {
        found.refusals.emplace_back(problem.what());
    }
    return found;
}

}  // namespace playhouse::host
