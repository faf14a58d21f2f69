#include "SettingsSchema.h"

#include <playhouse/Settings.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <stdexcept>

namespace playhouse::host {
namespace {

/// Far beyond any use, and far below what overflows when it is added to a time.
constexpr std::chrono::milliseconds longestDuration = std::chrono::days(365);

bool isAddress(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> parsed{};
    return inet_pton(AF_INET, text.c_str(), parsed.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), parsed.data()) == 1;
}

bool isFileMode(const std::string& text) {
    unsigned mode = 0;
    const auto* end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, mode, 8);
    return error == std::errc() && parsed == end && mode <= 0777;
}

bool isAllowed(const SettingDescription& setting, const std::string& text) {
    const auto isLargeEnough = [&](auto value) { return value >= static_cast<decltype(value)>(setting.least); };
    switch (setting.kind) {
        case SettingKind::Text:
        case SettingKind::List:
        case SettingKind::Path:
            return true;
        case SettingKind::Flag:
            parseFlag(text);
            return true;
        case SettingKind::Integer:
            parseInteger(text, setting.least, setting.most);
            return true;
        case SettingKind::ByteSize:
            return isLargeEnough(parseByteSize(text));
        case SettingKind::Duration:
            return isLargeEnough(parseDuration(text).count()) && parseDuration(text) <= longestDuration;
        case SettingKind::Address:
            return isAddress(text);
        case SettingKind::Choice:
            return std::find(setting.choices.begin(), setting.choices.end(), text) != setting.choices.end();
        case SettingKind::FileMode:
            return isFileMode(text);
    }
    return false;
}

}  // namespace

std::string allowedValues(const SettingDescription& setting) {
    const auto least = std::to_string(setting.least);
    switch (setting.kind) {
        case SettingKind::Text:
            return "any text";
        case SettingKind::Flag:
            return "true or false";
        case SettingKind::Integer:
            return "a whole number" + (setting.unit.empty() ? "" : " of " + std::string(setting.unit)) + " from " +
                   least + " to " + std::to_string(setting.most);
        case SettingKind::ByteSize:
            return "a size in bytes, such as 4096, 64 KiB or 1 GiB" +
                   (setting.least > 0 ? ", from " + least : std::string());
        case SettingKind::Duration:
            return "a duration, such as 250 ms, 4 s, 10 min or 2 h" + (setting.least > 1    ? ", from " + least + " ms"
                                                                       : setting.least == 1 ? ", above 0"
                                                                                            : std::string());
        case SettingKind::List:
            return "a list, separated by commas";
        case SettingKind::Path:
            return "a path, from the working directory when relative";
        case SettingKind::Address:
            return "an IPv4 or IPv6 address";
        case SettingKind::Choice: {
            std::string text = "one of";
            for (const auto choice : setting.choices) text += (text == "one of" ? " " : ", ") + std::string(choice);
            return text;
        }
        case SettingKind::FileMode:
            return "octal permissions, from 0000 to 0777";
    }
    return {};
}

void checkSetting(const SettingDescription& setting, const std::string& text) {
    bool allowed = false;
    try {
        allowed = isAllowed(setting, text);
    } catch (const std::invalid_argument&) {
        // The message below says more: what this very setting allows.
    }
    if (!allowed)
        throw std::invalid_argument(std::string(setting.key) + " = " + text + " is not allowed; it takes " +
                                    allowedValues(setting));
}

}  // namespace playhouse::host
