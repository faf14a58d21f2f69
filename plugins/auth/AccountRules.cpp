#include "AccountRules.h"

#include <playhouse/Utf8.h>

#include <idn2.h>
#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace playhouse::auth {
namespace {

constexpr std::size_t mostAddress = 254;
constexpr std::size_t mostLocalPart = 64;
constexpr std::size_t mostDomain = 253;
constexpr std::size_t mostLabel = 63;
constexpr std::size_t leastCharacters = 8;
constexpr std::size_t mostCharacters = 128;
constexpr std::size_t mostPasswordBytes = 512;
/// A million guesses: zxcvbn's score 1, "very guessable", ends there.
constexpr double leastEntropy = 19.93;
/// Bytes that zxcvbn looks at at once, in some milliseconds.
constexpr std::size_t mostEstimated = 32;

constexpr std::string_view smallLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits = "0123456789";

/// Names by which the house would speak, without what may stand between letters.
constexpr std::array<std::string_view, 24> reservedNames{
    "abuse",     "account", "admin",    "administrator", "anonymous", "api",       "billing",  "contact",
    "help",      "info",    "mail",     "moderator",     "noreply",   "null",      "official", "owner",
    "playhouse", "root",    "security", "staff",         "support",   "superuser", "system",   "webmaster"};

std::string inSmallLetters(std::string_view text) {
    std::string small(text);
    for (auto& letter : small)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return small;
}

bool consistsOf(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

std::string_view trimmedText(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// RFC 5321's Dot-string, of letters in small.
bool isDotString(std::string_view text) {
    if (text.empty() || text.size() > mostLocalPart || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != std::string_view::npos) return false;
    return consistsOf(text, "abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+-/=?^_`{|}~");
}

/// A domain's ASCII form (RFC 5891); absent when it has none.
std::optional<std::string> asciiDomain(const std::string& domain) {
    const bool isAscii = std::ranges::all_of(domain, [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
    if (isAscii && domain.find("xn--") == std::string::npos) return domain;
    std::uint8_t* ascii = nullptr;
    if (idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(domain.c_str()), &ascii,
                       IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return std::nullopt;
    const std::unique_ptr<std::uint8_t, decltype(&idn2_free)> owned(ascii, &idn2_free);
    return inSmallLetters(reinterpret_cast<const char*>(ascii));
}

bool isMailDomain(std::string_view domain) {
    if (domain.size() > mostDomain || domain.find('.') == std::string_view::npos) return false;
    for (auto rest = domain;;) {
        const auto dot = rest.find('.');
        const auto label = rest.substr(0, dot);
        if (label.empty() || label.size() > mostLabel || label.front() == '-' || label.back() == '-') return false;
        if (!consistsOf(label, "abcdefghijklmnopqrstuvwxyz0123456789-")) return false;
        if (dot == std::string_view::npos) return !consistsOf(label, digits);
        rest.remove_prefix(dot + 1);
    }
}

/// What a password is easily made of when somebody knows the account.
std::vector<std::string> wordsOf(std::string_view email, std::string_view username) {
    const auto address = inSmallLetters(trimmedText(email));
    const auto name = inSmallLetters(username);
    std::vector<std::string> words{address, address.substr(0, address.find('@')), name};
    const auto split = [&words](std::string_view text) {
        while (!text.empty()) {
            const auto end = std::min(text.find_first_of("@.+-_"), text.size());
            words.emplace_back(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    };
    split(address);
    split(name);
    std::erase_if(words, [](const std::string& word) { return word.size() < 3; });
    return words;
}

/// Whether it takes a million guesses, by zxcvbn.
bool isHardToGuess(const std::string& password, const std::vector<std::string>& words) {
    std::vector<const char*> dictionary;
    for (const auto& word : words) dictionary.push_back(word.c_str());
    dictionary.push_back(nullptr);
    const auto isHard = [&](const std::string& part) {
        return ZxcvbnMatch(part.c_str(), dictionary.data(), nullptr) >= leastEntropy;
    };
    // A part that is hard makes all of it so. The work grows with more than the square of the length.
    if (isHard(password.substr(0, mostEstimated))) return true;
    return password.size() > mostEstimated && isHard(password.substr(password.size() - mostEstimated));
}

}  // namespace

std::optional<std::string> normalisedEmail(std::string_view text) {
    const auto address = inSmallLetters(trimmedText(text));
    if (address.size() > mostAddress || !isUtf8(address) || address.find('\0') != std::string::npos)
        return std::nullopt;
    const auto at = address.find('@');
    if (at == std::string::npos || !isDotString(std::string_view(address).substr(0, at))) return std::nullopt;
    const auto domain = asciiDomain(address.substr(at + 1));
    if (!domain || !isMailDomain(*domain) || at + 1 + domain->size() > mostAddress) return std::nullopt;
    return address.substr(0, at + 1) + *domain;
}

std::string normalisedUsername(std::string_view text) {
    return inSmallLetters(text);
}

std::string emailField(Fields& fields, std::string_view name) {
    // Room for spaces around, which are not counted.
    const auto text = fields.text(name, 1, 2 * mostAddress);
    if (text.empty()) return {};
    if (normalisedEmail(text)) return std::string(trimmedText(text));
    fields.problem(name, "FORMAT", "It is to be an e-mail address, like name@example.org.");
    return {};
}

std::string usernameField(Fields& fields, std::string_view name) {
    auto text = fields.text(name, 3, 32);
    if (text.empty()) return {};
    auto key = normalisedUsername(text);
    const auto isLetterOrDigit = [](char one) {
        return smallLetters.find(one) != std::string_view::npos || digits.find(one) != std::string_view::npos;
    };
    if (!isLetterOrDigit(key.front()) || !isLetterOrDigit(key.back()) ||
        !consistsOf(key, "abcdefghijklmnopqrstuvwxyz0123456789_-.")) {
        fields.problem(name, "FORMAT",
                       "It is to be of letters a to z, digits, \"_\", \"-\" and \".\", with a letter or digit at both "
                       "ends.");
        return {};
    }
    std::erase_if(key, [&](char one) { return !isLetterOrDigit(one); });
    if (std::ranges::find(reservedNames, key) != reservedNames.end()) {
        fields.problem(name, "RESERVED", "This name is the house's. Choose another.");
        return {};
    }
    return text;
}

std::string newPasswordField(Fields& fields, std::string_view name, std::string_view email, std::string_view username) {
    auto text = fields.text(name, 1, mostPasswordBytes);
    if (text.empty()) return {};
    const auto characters = static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
    if (characters < leastCharacters) {
        fields.problem(name, "TOO_SHORT", "It is to have 8 characters or more.");
    } else if (characters > mostCharacters) {
        fields.problem(name, "TOO_LONG", "It is to have 128 characters or less.");
    } else if (!isHardToGuess(text, {})) {
        fields.problem(name, "TOO_COMMON",
                       "It is one of those that are guessed first. Choose a longer one, such as a few words.");
    } else if (!isHardToGuess(text, wordsOf(email, username))) {
        fields.problem(name, "COMMON_WITH_ACCOUNT",
                       "It is made of the e-mail address or the user name. Choose another.");
    } else {
        return text;
    }
    return {};
}

}  // namespace playhouse::auth
