#include "ConfigurationLoader.h"

#include "ConfigurationError.h"
#include "NearestName.h"
#include "PluginKeys.h"
#include "PropertyFile.h"
#include "SettingsSchema.h"

#include "trust/TlsContext.h"

#include <playhouse/Settings.h>

#include <sys/un.h>

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace playhouse::host {
namespace {

constexpr std::string_view pluginPrefix = "plugin.";

/// Every key that is given anywhere, the strongest source's value winning.
class Layers {
public:
    void addDefaults() {
        for (const auto& setting : settingsSchema())
            set(std::string(setting.key), std::string(setting.fallback), "default");
    }

    void addFile(const PropertyFile& file) {
        for (const auto& property : file.properties)
            set(property.key, property.value, file.path.string() + ":" + std::to_string(property.line));
    }

    void addEnvironment(const std::map<std::string, std::string>& environment) {
        for (const auto& setting : settingsSchema()) {
            const auto variable = environment.find(std::string(setting.environmentVariable));
            if (variable == environment.end() || variable->second.empty()) continue;
            const auto& text = variable->second;
            set(std::string(setting.key), setting.fromEnvironment ? setting.fromEnvironment(text) : text,
                "environment variable " + variable->first);
        }
    }

    void addDefinitions(const std::vector<std::string>& definitions, std::vector<std::string>& problems) {
        for (const auto& definition : definitions) {
            const auto equals = definition.find('=');
            if (equals == std::string::npos || equals == 0)
                problems.push_back("-D " + definition + " is not of the form -D key=value");
            else
                set(definition.substr(0, equals), definition.substr(equals + 1), "-D");
        }
    }

    const ConfiguredValues& values() const noexcept { return values_; }

private:
    void set(std::string key, std::string text, std::string origin) {
        values_.insert_or_assign(std::move(key), ConfiguredValue{std::move(text), std::move(origin)});
    }

    ConfiguredValues values_;
};

void checkKeys(const ConfiguredValues& values, std::vector<std::string>& problems) {
    std::vector<std::string> known;
    for (const auto& setting : settingsSchema()) known.emplace_back(setting.key);
    for (const auto& [key, value] : values) {
        if (key.starts_with(pluginPrefix)) continue;
        const auto* setting = findSetting(key);
        if (setting == nullptr) {
            problems.push_back(value.origin + ": unknown key \"" + key + "\"" + didYouMean(key, known));
            continue;
        }
        try {
            checkSetting(*setting, value.text);
        } catch (const std::invalid_argument& problem) {
            problems.push_back(value.origin + ": " + problem.what());
        }
    }
}

void checkPlaces(const HostConfiguration& host, const ConfiguredValues& values, std::vector<std::string>& problems) {
    if (const auto& directory = values.find("plugins.directory")->second; !directory.text.empty()) {
        std::error_code error;
        if (!std::filesystem::is_directory(host.pluginsDirectory, error))
            problems.push_back(directory.origin + ": plugins.directory = " + directory.text +
                               ": there is no directory " + host.pluginsDirectory.string());
    }
    constexpr auto longest = sizeof(sockaddr_un::sun_path) - 1;
    if (host.control.enabled && host.control.socket.string().size() > longest)
        problems.push_back(values.find("control.socket")->second.origin +
                           ": control.socket: " + host.control.socket.string() + " is longer than the " +
                           std::to_string(longest) + " characters that a Unix socket's path may have");
}

/// A refusal never shows the token.
void checkControl(const ControlSettings& control, const ConfiguredValues& values, std::vector<std::string>& problems) {
    constexpr std::size_t shortestToken = 16;
    if (!control.enabled || control.port == 0) return;
    const auto& port = values.find("control.port")->second;
    const auto& token = values.find("control.token")->second;
    constexpr const char* howToMakeOne = "; make one with: openssl rand -hex 32";
    if (control.token.empty())
        problems.push_back(port.origin + ": control.port = " + port.text + " needs control.token" + howToMakeOne);
    else if (control.token.size() < shortestToken)
        problems.push_back(token.origin + ": control.token is shorter than " + std::to_string(shortestToken) +
                           " characters" + howToMakeOne);
    else if (control.token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=") !=
             std::string::npos)
        problems.push_back(token.origin +
                           ": control.token may hold letters, digits and -._~+/= (RFC 6750 section 2.1)" +
                           howToMakeOne);
}

}  // namespace

LoadedConfiguration loadConfiguration(const ConfigurationSources& sources) {
    LoadedConfiguration loaded;
    std::vector<std::string> problems;
    Layers layers;
    layers.addDefaults();
    if (sources.file) {
        for (const auto& file : readWithIncludes(*sources.file)) {
            layers.addFile(file);
            loaded.files.push_back(file.path);
        }
    }
    layers.addEnvironment(sources.environment);
    layers.addDefinitions(sources.definitions, problems);
    loaded.values = layers.values();

    checkKeys(loaded.values, problems);
    if (!problems.empty()) throw ConfigurationError(std::move(problems));

    loaded.host = makeHostConfiguration(loaded.values, sources.workingDirectory, sources.executableDirectory);
    checkPlaces(loaded.host, loaded.values, problems);
    checkControl(loaded.host.control, loaded.values, problems);
    loaded.host.plugins = readPluginKeys(loaded.values, loaded.host.pluginsDirectory,
                                         parseFlag(loaded.values.find("plugins.enable-all")->second.text),
                                         sources.workingDirectory, problems);
    if (!problems.empty()) throw ConfigurationError(std::move(problems));

    for (const auto name : unreadEnvironmentVariables())
        if (const auto variable = sources.environment.find(std::string(name));
            variable != sources.environment.end() && !variable->second.empty())
            loaded.unread.insert(*variable);
    return loaded;
}

std::vector<std::filesystem::path> LoadedConfiguration::watchedFiles() const {
    auto all = files;
    if (const auto& context = host.edge.tls.context)
        all.insert(all.end(), context->files().begin(), context->files().end());
    if (const auto& keys = host.identity.keys) all.insert(all.end(), keys->files().begin(), keys->files().end());
    return all;
}

std::map<std::string, std::string> configurationEnvironment() {
    std::map<std::string, std::string> environment;
    const auto take = [&](std::string_view name) {
        const std::string variable(name);
        if (const char* value = std::getenv(variable.c_str()); value != nullptr && *value != '\0')
            environment.emplace(variable, value);
    };
    for (const auto& setting : settingsSchema())
        if (!setting.environmentVariable.empty()) take(setting.environmentVariable);
    for (const auto name : unreadEnvironmentVariables()) take(name);
    return environment;
}

}  // namespace playhouse::host
