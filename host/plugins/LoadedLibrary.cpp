#include "LoadedLibrary.h"

#include <playhouse/Utf8.h>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include <cxxabi.h>
#include <cstdlib>
#include <stdexcept>

namespace playhouse::host {
namespace {

constexpr std::size_t mostMessageBytes = 500;

std::string orNone(const char* text) {
    return text ? "\"" + std::string(text) + "\"" : "none";
}

std::string abiText(unsigned major, unsigned minor) {
    return std::to_string(major) + "." + std::to_string(minor);
}

std::string shortened(std::string text, std::size_t mostBytes) {
    if (text.size() <= mostBytes) return text;
    text.resize(mostBytes - 3);
    return asUtf8(text + "...");
}

/// What follows `beginning` in `text`, up to `end`; nullopt when `text` has no such part.
std::optional<std::string> between(std::string_view text, std::string_view beginning, std::string_view end) {
    const auto at = text.find(beginning);
    if (at == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(at + beginning.size());
    return std::string(rest.substr(0, rest.find(end)));
}

/// What Boost.DLL wraps.
std::string_view loaderMessageOf(std::string_view text) {
    constexpr std::string_view beginning = "(dlerror system message: ";
    const auto at = text.find(beginning);
    if (at == std::string_view::npos) return text;
    text.remove_prefix(at + beginning.size());
    return text.substr(0, text.rfind(')'));
}

}  // namespace

class LoadedLibrary::Handle : public boost::dll::shared_library {
public:
    using shared_library::shared_library;
};

LoadedLibrary::LoadedLibrary(const std::filesystem::path& file) {
    try {
        handle_ = std::make_unique<Handle>(file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    } catch (const boost::dll::fs::system_error& problem) {
        throw std::runtime_error(describeLoadProblem(loaderMessageOf(problem.what())));
    }
}

LoadedLibrary::~LoadedLibrary() = default;

const PluginDescriptor& LoadedLibrary::descriptor() const {
    if (!handle_->has(PluginDescriptor::symbolName))
        throw std::runtime_error("it does not export " + std::string(PluginDescriptor::symbolName) +
                                 "; export a plugin with PLAYHOUSE_PLUGIN");
    return handle_->get<const PluginDescriptor>(PluginDescriptor::symbolName);
}

std::vector<std::string> mismatches(const PluginDescriptor& descriptor, const std::optional<std::string>& pluginId) {
    using Host = PluginDescriptor;
    if (descriptor.magic != Host::expectedMagic)
        return {"its " + std::string(Host::symbolName) + " begins with " + std::to_string(descriptor.magic) +
                " where a plugin has " + std::to_string(Host::expectedMagic) + "; export it with PLAYHOUSE_PLUGIN"};
    if (descriptor.abiMajor != Host::currentAbiMajor || descriptor.abiMinor > Host::currentAbiMinor)
        return {"it is built for plugin ABI " + abiText(descriptor.abiMajor, descriptor.abiMinor) + ", this host has " +
                abiText(Host::currentAbiMajor, Host::currentAbiMinor) + "; build it with the SDK of this host"};
    // What follows lies elsewhere in a descriptor of another size.
    if (descriptor.structSize != sizeof(Host))
        return {"its descriptor has " + std::to_string(descriptor.structSize) + " bytes, this host's has " +
                std::to_string(sizeof(Host)) + "; build it with the SDK of this host"};

    std::vector<std::string> all;
    if (!descriptor.fingerprint || std::string_view(descriptor.fingerprint) != buildFingerprint)
        all.push_back("it is built as " + orNone(descriptor.fingerprint) + ", this host as " +
                      orNone(buildFingerprint) + "; build both alike");
    if (pluginId && (!descriptor.id || descriptor.id != *pluginId))
        all.push_back("it holds the plugin " + orNone(descriptor.id) + ", but is configured as \"" + *pluginId +
                      "\"; correct plugin." + *pluginId + ".library");
    if (!descriptor.id || !descriptor.version || !descriptor.create || !descriptor.destroy)
        all.emplace_back("its descriptor is incomplete; export it with PLAYHOUSE_PLUGIN");
    return all;
}

std::string describeLoadProblem(std::string_view loaderMessage) {
    const auto line = loaderMessage.substr(0, loaderMessage.find('\n'));
    if (const auto symbol = between(line, "undefined symbol: ", ","))
        return "it needs " + shortened(demangled(*symbol), mostMessageBytes / 2) +
               ", which neither this host nor the libraries that it names have; link what defines it, or build it with "
               "the SDK of this host";
    if (line.find(": cannot open shared object file") != std::string_view::npos)
        return "it needs the library " + shortened(std::string(line.substr(0, line.find(": "))), mostMessageBytes / 2) +
               ", which is not installed here; install it";
    if (line.find("failed to map segment") != std::string_view::npos)
        return "its code cannot be mapped into memory: plugins.generations-directory must allow execution (no noexec)";
    return shortened("the loader says: " + std::string(line), mostMessageBytes);
}

std::string demangled(const std::string& symbol) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
    return name ? name.get() : symbol;
}

}  // namespace playhouse::host
