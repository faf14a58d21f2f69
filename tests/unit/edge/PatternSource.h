#pragma once

#include <playhouse/Body.h>

#include <algorithm>
#include <string>
#include <utility>

/// Text that a piece out of place or missing does not leave as it was.
inline std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>('a' + at * 31 % 26);
    return text;
}

/// A body of known size that is read piece by piece.
class PatternSource final : public playhouse::BodySource {
public:
    explicit PatternSource(std::string text) : text_(std::move(text)) {}
    std::optional<std::uint64_t> size() const override { return text_.size(); }
    std::size_t read(std::span<std::byte> into) override {
        const auto part = text_.substr(at_, into.size());
        std::copy_n(reinterpret_cast<const std::byte*>(part.data()), part.size(), into.begin());
        at_ += part.size();
        return part.size();
    }

private:
    std::string text_;
    std::size_t at_ = 0;
};
