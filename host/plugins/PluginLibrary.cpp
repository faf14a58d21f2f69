#include "PluginLibrary.h"

#include "GenerationsDirectory.h"
#include "LibraryFile.h"
#include "LoadedLibrary.h"
#include "PluginError.h"
#include "PrivateCopy.h"

#include "platform/ThrownText.h"
#include "trust/LibraryTrust.h"

#include <dlfcn.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace playhouse::host {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keepsLoaded = true;
#else
constexpr bool keepsLoaded = false;
#endif

/// Before it is loaded, so that the constructors of a library that is no plugin never run.
void requireDescriptor(LibraryFile& file) {
    const auto symbols = file.dynamicSymbols();
    if (std::any_of(symbols.begin(), symbols.end(),
                    [](const auto& symbol) { return symbol.defined && symbol.name == PluginDescriptor::symbolName; }))
        return;
    throw std::runtime_error("it does not export " + std::string(PluginDescriptor::symbolName) +
                             "; export a plugin with PLAYHOUSE_PLUGIN");
}

/// Also when none is required: it may be by the time when this very file is loaded again.
void copySignature(const std::filesystem::path& signature, const std::filesystem::path& copy, bool isRequired) {
    try {
        if (std::filesystem::exists(signature)) copyPrivately(signature, signatureOf(copy));
    } catch (const std::filesystem::filesystem_error& problem) {
        if (isRequired)
            throw std::runtime_error("its signature cannot be copied to " + signatureOf(copy).string() + ": " +
                                     problem.code().message());
    }
}

/// What is checked must be what is loaded: whoever may write there could put another file in its place in between.
void requireOwnDirectory(const std::filesystem::path& directory) {
    using std::filesystem::perms;
    const auto permissions = std::filesystem::status(directory).permissions();
    if ((permissions & perms::others_write) == perms::none || (permissions & perms::sticky_bit) != perms::none) return;
    throw std::runtime_error("plugins.require-signature is on, but everybody may write into " + directory.string() +
                             ", where its copy lies; take that away with: chmod o-w " + directory.string());
}

}  // namespace

LibrarySource LibrarySource::at(const std::filesystem::path& library) {
    return {library, signatureOf(library), library};
}

PluginLibrary::PluginLibrary(const LibrarySource& source, const std::string& pluginId, GenerationsDirectory& directory,
                             const LibraryTrust* trust) {
    const auto named = "plugin \"" + pluginId + "\": ";
    try {
        LibraryFile{source.file};
        copy_ = directory.copyOf(source.file, pluginId);
        load(source, pluginId, trust);
    } catch (const PluginError& refusal) {
        discard();
        throw PluginError(refusal.code(), named + refusal.what());
    } catch (const std::exception& problem) {
        const auto why = thrownText(problem);
        discard();
        throw PluginError("LIBRARY_REFUSED", named + "the library " + source.origin.string() + " is refused: " + why);
    }
}

void PluginLibrary::load(const LibrarySource& source, const std::string& pluginId, const LibraryTrust* trust) {
    const bool isRequired = trust && trust->required();
    if (isRequired) requireOwnDirectory(copy_.parent_path());
    copySignature(source.signature, copy_, isRequired);
    if (trust) trust->check(copy_, source.origin);
    LibraryFile file(copy_);
    requireDescriptor(file);
    loaded_ = std::make_unique<LoadedLibrary>(copy_);
    descriptor_ = &loaded_->descriptor();
    if (const auto problems = mismatches(*descriptor_, pluginId); !problems.empty())
        throw std::runtime_error(problems.front());
}

void PluginLibrary::discard() noexcept {
    if (loaded_)
        close();
    else if (!copy_.empty())
        GenerationsDirectory::removeCopy(copy_);
}

PluginLibrary::~PluginLibrary() {
    close();
}

PluginLibrary::Ending PluginLibrary::abandon() noexcept {
    descriptor_ = nullptr;
    static std::mutex mutex;
    static auto* const kept = new std::vector<std::unique_ptr<LoadedLibrary>>;
    const std::lock_guard lock(mutex);
    kept->push_back(std::move(loaded_));
    return Ending::StillMapped;
}

PluginLibrary::Ending PluginLibrary::close() noexcept {
    if (!loaded_) return Ending::Unloaded;
    descriptor_ = nullptr;
    if constexpr (keepsLoaded) {
        // A second count on the library, so that it stays when the handle goes.
        ::dlopen(copy_.c_str(), RTLD_NOW | RTLD_NOLOAD);
        loaded_.reset();
        return Ending::KeptLoaded;
    }
    loaded_.reset();
    if (void* const left = ::dlopen(copy_.c_str(), RTLD_NOW | RTLD_NOLOAD)) {
        ::dlclose(left);
        return Ending::StillMapped;
    }
    if (isMapped(copy_)) return Ending::StillMapped;
    GenerationsDirectory::removeCopy(copy_);
    return Ending::Unloaded;
}

}  // namespace playhouse::host
