#include "Invariant.h"
#include "TemporaryFile.h"
#include "configuration/ConfigurationError.h"
#include "configuration/ConfigurationLoader.h"
#include "configuration/PropertyFile.h"
#include "configuration/SettingsSchema.h"

#include <playhouse/Settings.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

// A configuration file. What it holds is read, loaded as the server does it, and tried as the value of every setting.

namespace {

using namespace playhouse;
using namespace playhouse::host;
using fuzz::require;

// Of a file with many lines the first few stand for all, so that many files are tried.
constexpr std::size_t mostValues = 4;
constexpr std::size_t longestDefinition = 80;

template <class Parse>
auto parsed(Parse parse) -> std::optional<decltype(parse())> {
    try {
        return parse();
    } catch (const std::invalid_argument& problem) {
        require(*problem.what() != '\0', "a refusal gives a reason");
        return std::nullopt;
    }
}

void checkNotations(const std::string& text) {
    if (const auto size = parsed([&] { return parseByteSize(text); }))
        require(parseByteSize(std::to_string(*size)) == *size, "a size can be written in bytes");
    if (const auto duration = parsed([&] { return parseDuration(text); })) {
        require(duration->count() >= 0, "a duration is not below 0");
        require(parseDuration(std::to_string(duration->count()) + " ms") == *duration,
                "a duration can be written in milliseconds");
    }
    if (const auto number = parsed([&] { return parseInteger(text, -1000, 1000); }))
        require(*number >= -1000 && *number <= 1000, "a number is within its limits");
    static_cast<void>(parsed([&] { return parseFlag(text); }));
    for (const auto& item : parseList(text)) require(!item.empty(), "a list has no empty items");
    for (const auto& setting : settingsSchema()) {
        try {
            checkSetting(setting, text);
        } catch (const std::invalid_argument& problem) {
            require(std::string(problem.what()).find(setting.key) != std::string::npos, "a refusal names the key");
        }
    }
}

/// What comes out, as text; empty for a refusal.
std::string load(const ConfigurationSources& sources) {
    try {
        const auto loaded = loadConfiguration(sources);
        std::string text;
        for (const auto& [key, value] : loaded.values) text += key + "=" + value.text + "\n";
        require(loaded.host.edge.maximumTargetSize > 0, "a configuration that is accepted is whole");
        return text;
    } catch (const ConfigurationError& error) {
        require(*error.what() != '\0', "a refusal gives its reasons");
        return {};
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 2048) return -1;
    const std::string text(reinterpret_cast<const char*>(data), size);
    // Other files of this machine are none of the input.
    if (text.find("include") != std::string::npos) return -1;
    const fuzz::TemporaryFile file(text);
    try {
        std::set<std::string> keys;
        for (const auto& property : PropertyFile::read(file.path()).properties) {
            require(keys.insert(property.key).second, "a key stands once");
            require(property.line > 0, "a property has a line");
            if (keys.size() <= mostValues) checkNotations(property.value);
        }
    } catch (const ConfigurationError& error) {
        require(*error.what() != '\0', "a refusal gives its reasons");
    }
    ConfigurationSources sources{.file = file.path(),
                                 .environment = {},
                                 .definitions = {},
                                 .workingDirectory = "/nonexistent",
                                 .executableDirectory = "/nonexistent"};
    const auto loaded = load(sources);
    if (loaded.empty()) return 0;
    sources.definitions.push_back(text.substr(0, std::min(text.find('\n'), longestDefinition)));
    static_cast<void>(load(sources));
    return 0;
}
