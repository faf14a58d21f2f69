#include "PluginLibrary.h"

#include "GenerationsDirectory.h"
#include "LibraryFile.h"
#include "PluginError.h"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include <dlfcn.h>
#include <stdexcept>
#include <system_error>

namespace playhouse::host {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keepsLoaded = true;
#else
constexpr bool keepsLoaded = false;
#endif

std::string orNone(const char* text) {
    return text ? "\"" + std::string(text) + "\"" : "none";
}

std::string abi(unsigned major, unsigned minor) {
    return std::to_string(major) + "." + std::to_string(minor);
}

/// Throws std::runtime_error that names what the library says and what this host says.
void checkDescriptor(const PluginDescriptor& descriptor, const std::string& pluginId) {
    using Host = PluginDescriptor;
    if (descriptor.magic != Host::expectedMagic)
        throw std::runtime_error("its " + std::string(Host::symbolName) + " begins with " +
                                 std::to_string(descriptor.magic) + " where a plugin has " +
                                 std::to_string(Host::expectedMagic) + "; export it with PLAYHOUSE_PLUGIN");
    if (descriptor.abiMajor != Host::currentAbiMajor || descriptor.abiMinor > Host::currentAbiMinor)
        throw std::runtime_error("it is built for plugin ABI " + abi(descriptor.abiMajor, descriptor.abiMinor) +
                                 ", this host has " + abi(Host::currentAbiMajor, Host::currentAbiMinor) +
                                 "; build it with the SDK of this host");
    if (descriptor.structSize != sizeof(Host))
        throw std::runtime_error("its descriptor has " + std::to_string(descriptor.structSize) +
                                 " bytes, this host's has " + std::to_string(sizeof(Host)) +
                                 "; build it with the SDK of this host");
    if (!descriptor.fingerprint || std::string_view(descriptor.fingerprint) != buildFingerprint)
        throw std::runtime_error("it is built as " + orNone(descriptor.fingerprint) + ", this host as " +
                                 orNone(buildFingerprint) + "; build both alike");
    if (!descriptor.id || descriptor.id != pluginId)
        throw std::runtime_error("it holds the plugin " + orNone(descriptor.id) + ", but is configured as \"" +
                                 pluginId + "\"; correct plugin." + pluginId + ".library");
    if (!descriptor.version || !descriptor.create || !descriptor.destroy)
        throw std::runtime_error("its descriptor is incomplete; export it with PLAYHOUSE_PLUGIN");
}

void removeQuietly(const std::filesystem::path& file) noexcept {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
}

}  // namespace

class PluginLibrary::Handle {
public:
    explicit Handle(const std::filesystem::path& file)
        : library_(file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local) {}

    const PluginDescriptor& descriptor() const {
        if (!library_.has(PluginDescriptor::symbolName))
            throw std::runtime_error("it does not export " + std::string(PluginDescriptor::symbolName) +
                                     "; export a plugin with PLAYHOUSE_PLUGIN");
        return library_.get<const PluginDescriptor>(PluginDescriptor::symbolName);
    }

private:
    boost::dll::shared_library library_;
};

PluginLibrary::PluginLibrary(const std::filesystem::path& library, const std::string& pluginId,
                             GenerationsDirectory& directory) {
    try {
        checkLibraryFile(library);
        copy_ = directory.copyOf(library, pluginId);
        checkLibraryFile(copy_);
        handle_ = std::make_unique<Handle>(copy_);
        descriptor_ = &handle_->descriptor();
        checkDescriptor(*descriptor_, pluginId);
    } catch (const std::exception& problem) {
        const std::string text =
            "plugin \"" + pluginId + "\": the library " + library.string() + " is refused: " + problem.what();
        if (handle_)
            close();
        else if (!copy_.empty())
            removeQuietly(copy_);
        throw PluginError("LIBRARY_REFUSED", text);
    }
}

PluginLibrary::~PluginLibrary() {
    close();
}

PluginLibrary::Ending PluginLibrary::close() noexcept {
    if (!handle_) return Ending::Unloaded;
    descriptor_ = nullptr;
    if constexpr (keepsLoaded) {
        // A second count on the library, so that it stays when the handle goes.
        ::dlopen(copy_.c_str(), RTLD_NOW | RTLD_NOLOAD);
        handle_.reset();
        return Ending::KeptLoaded;
    }
    handle_.reset();
    if (void* const left = ::dlopen(copy_.c_str(), RTLD_NOW | RTLD_NOLOAD)) {
        ::dlclose(left);
        return Ending::StillMapped;
    }
    if (isMapped(copy_)) return Ending::StillMapped;
    removeQuietly(copy_);
    return Ending::Unloaded;
}

}  // namespace playhouse::host
