#include <playhouse/Headers.h>

#include <algorithm>
#include <stdexcept>

namespace playhouse {
namespace {

constexpr char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

bool isTokenCharacter(char letter) noexcept {
    const auto code = static_cast<unsigned char>(letter);
    if (code <= 0x20 || code >= 0x7f) return false;
    return std::string_view("\"(),/:;<=>?@[\\]{}").find(letter) == std::string_view::npos;
}

bool isValueCharacter(char letter) noexcept {
    const auto code = static_cast<unsigned char>(letter);
    return code == '\t' || (code >= 0x20 && code != 0x7f);
}

}  // namespace

bool equalsIgnoreCase(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

void Headers::add(std::string_view name, std::string_view value) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), isTokenCharacter))
        throw std::invalid_argument("not a header name: \"" + std::string(name) + "\"");
    if (!std::all_of(value.begin(), value.end(), isValueCharacter))
        throw std::invalid_argument("a control character in the value of header " + std::string(name));
    entries_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                        static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

void Headers::set(std::string_view name, std::string_view value) {
    // The value may be a view into these very headers.
    const std::string kept(value);
    const std::string keptName(name);
    const auto earlier = entries_.size();
    add(keptName, kept);
    std::size_t index = 0;
    std::erase_if(entries_, [&](const Entry& entry) {
        return index++ < earlier &&
               equalsIgnoreCase(std::string_view(text_).substr(entry.nameBegin, entry.nameSize), keptName);
    });
}

void Headers::remove(std::string_view name) {
    std::erase_if(entries_, [&](const Entry& entry) {
        return equalsIgnoreCase(std::string_view(text_).substr(entry.nameBegin, entry.nameSize), name);
    });
}

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
    for (std::size_t index = 0; index < entries_.size(); ++index) {
        const auto field = at(index);
        if (equalsIgnoreCase(field.name, name)) return field.value;
    }
    return std::nullopt;
}

Headers::Field Headers::at(std::size_t index) const noexcept {
    const auto& entry = entries_[index];
    const std::string_view text(text_);
    return {text.substr(entry.nameBegin, entry.nameSize),
            text.substr(entry.nameBegin + entry.nameSize, entry.valueSize)};
}

void Headers::clear() noexcept {
    text_.clear();
    entries_.clear();
}

}  // namespace playhouse
