#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse {

/// A plugin's own settings: the configuration keys `plugin.ID.NAME`.
///
/// Reading a setting declares it: a key in the configuration that the plugin has not read when start() returns is
/// unknown, and the start fails with the nearest name that was read. Use inside Plugin::start(); the values are fixed
/// for the generation's life, and a changed configuration makes a new generation.
///
/// Each throws std::invalid_argument, naming the key, its value and what is allowed.
class Settings {
public:
    virtual ~Settings();

    /// Any text.
    std::string text(std::string_view name, std::string_view fallback);

    /// true or false, or yes, no, on, off, 1, 0.
    bool flag(std::string_view name, bool fallback);

    /// A whole number from `least` to `most`.
    std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most);

    /// Bytes: "4096", "64 KiB", "256MiB", "1 GiB"; KB, MB, GB count in thousands.
    std::uint64_t byteSize(std::string_view name, std::uint64_t fallback);

    /// A duration: "250 ms", "4 s", "10 min", "2 h"; a bare number is refused.
    std::chrono::milliseconds duration(std::string_view name, std::chrono::milliseconds fallback);

    /// Texts separated by commas, trimmed, empty ones dropped.
    std::vector<std::string> list(std::string_view name, std::string_view fallback);

protected:
    /// The raw text of `name`, which counts as read from now on.
    virtual std::optional<std::string> raw(std::string_view name) = 0;
    /// The key as the operator wrote it, for messages.
    virtual std::string keyOf(std::string_view name) const = 0;
};

/// The same notations for anyone: the host reads its own keys with them. Each throws std::invalid_argument.
std::uint64_t parseByteSize(std::string_view text);
std::chrono::milliseconds parseDuration(std::string_view text);
bool parseFlag(std::string_view text);
std::int64_t parseInteger(std::string_view text, std::int64_t least, std::int64_t most);
std::vector<std::string> parseList(std::string_view text);

}  // namespace playhouse
