#include "LanguageName.h"

#include <algorithm>
#include <array>
#include <utility>

namespace playhouse::streaming {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 32> names{{
    {"ar", "العربية"},    {"bg", "Български"},  {"cs", "Čeština"}, {"da", "Dansk"},     {"de", "Deutsch"},
    {"el", "Ελληνικά"},   {"en", "English"},    {"es", "Español"}, {"et", "Eesti"},     {"fi", "Suomi"},
    {"fr", "Français"},   {"he", "עברית"},      {"hi", "हिन्दी"},   {"hr", "Hrvatski"},  {"hu", "Magyar"},
    {"id", "Indonesia"},  {"it", "Italiano"},   {"ja", "日本語"},  {"ko", "한국어"},    {"lt", "Lietuvių"},
    {"nb", "Norsk"},      {"nl", "Nederlands"}, {"pl", "Polski"},  {"pt", "Português"}, {"ro", "Română"},
    {"ru", "Русский"},    {"sv", "Svenska"},    {"th", "ไทย"},     {"tr", "Türkçe"},    {"uk", "Українська"},
    {"vi", "Tiếng Việt"}, {"zh", "中文"},
}};

bool isLetter(char letter) noexcept {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}
bool isDigit(char digit) noexcept {
    return digit >= '0' && digit <= '9';
}

}  // namespace

std::string languageName(std::string_view tag) {
    const auto language = tag.substr(0, tag.find('-'));
    const auto found =
        std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.first == language; });
    if (found == names.end()) return std::string(tag);
    std::string name(found->second);
    if (language.size() < tag.size()) name.append(" (").append(tag.substr(language.size() + 1)).append(")");
    return name;
}

bool isLanguageTag(std::string_view tag) noexcept {
    constexpr std::size_t longestSubtag = 8;
    bool first = true;
    while (true) {
        const auto subtag = tag.substr(0, tag.find('-'));
        if (subtag.empty() || subtag.size() > longestSubtag || (first && subtag.size() < 2)) return false;
        if (!std::all_of(subtag.begin(), subtag.end(),
                         [&](char letter) { return isLetter(letter) || (!first && isDigit(letter)); }))
            return false;
        if (subtag.size() == tag.size()) return true;
        tag.remove_prefix(subtag.size() + 1);
        first = false;
    }
}

}  // namespace playhouse::streaming
