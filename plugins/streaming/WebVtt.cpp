#include "WebVtt.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace playhouse::streaming {
namespace {

/// Takes a text apart into lines, which end with LF, CR LF or CR, and counts them.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    std::optional<std::string_view> next() {
        if (rest_.empty()) return std::nullopt;
        const auto end = rest_.find_first_of("\r\n");
        const auto line = rest_.substr(0, end);
        std::size_t taken = line.size();
        if (end != std::string_view::npos) taken += rest_.substr(end, 2) == "\r\n" ? 2 : 1;
        rest_.remove_prefix(taken);
        ++number_;
        return line;
    }

    [[noreturn]] void fail(const std::string& problem) const {
        throw WebVttError("line " + std::to_string(number_) + ": " + problem);
    }

private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool isSpace(char letter) noexcept {
    return letter == ' ' || letter == '\t';
}

/// The number of exactly `digits` digits (or at least two, for 0) at the front, which is taken off.
std::optional<std::int64_t> takeNumber(std::string_view& text, std::size_t digits) {
    std::size_t size = 0;
    while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
    if (digits == 0 ? (size < 2 || size > 6) : size != digits) return std::nullopt;
    std::int64_t value = 0;
    for (const char digit : text.substr(0, size)) value = value * 10 + (digit - '0');
    text.remove_prefix(size);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

/// "[hh:]mm:ss.ttt" at the front, which is taken off.
std::optional<std::int64_t> takeTime(std::string_view& text) {
    auto first = takeNumber(text, 0);
    if (!first || !take(text, ':')) return std::nullopt;
    auto second = takeNumber(text, 2);
    if (!second) return std::nullopt;
    std::int64_t hours = 0;
    if (take(text, ':')) {
        hours = *first;
        first = second;
        second = takeNumber(text, 2);
        if (!second) return std::nullopt;
    }
    if (!take(text, '.')) return std::nullopt;
    const auto milliseconds = takeNumber(text, 3);
    if (!milliseconds || *first > 59 || *second > 59) return std::nullopt;
    return ((hours * 60 + *first) * 60 + *second) * 1000 + *milliseconds;
}

WebVtt::Cue parseTiming(std::string_view line, const Lines& lines) {
    constexpr std::string_view arrow = "-->";
    auto text = trimmed(line);
    WebVtt::Cue cue;
    const auto start = takeTime(text);
    text = trimmed(text);
    const bool hasArrow = text.substr(0, arrow.size()) == arrow;
    if (!start || !hasArrow) lines.fail("a cue's times are to read like \"00:01.000 --> 00:02.500\"");
    text = trimmed(text.substr(arrow.size()));
    const auto end = takeTime(text);
    if (!end || (!text.empty() && !isSpace(text.front()))) lines.fail("the cue's end time is malformed");
    if (*end <= *start) lines.fail("the cue ends before it begins");
    cue.startMilliseconds = *start;
    cue.endMilliseconds = *end;
    cue.settings = trimmed(text);
    return cue;
}

void appendCue(std::string& text, const WebVtt::Cue& cue) {
    text += '\n';
    if (!cue.identifier.empty()) text.append(cue.identifier).append("\n");
    text.append(webVttTime(cue.startMilliseconds)).append(" --> ").append(webVttTime(cue.endMilliseconds));
    if (!cue.settings.empty()) text.append(" ").append(cue.settings);
    text.append("\n").append(cue.payload).append("\n");
}

bool opensBlock(std::string_view line, std::string_view keyword) {
    return line.substr(0, keyword.size()) == keyword && trimmed(line.substr(keyword.size())).empty();
}

bool opensNote(std::string_view line) {
    return line.substr(0, 4) == "NOTE" && (line.size() == 4 || isSpace(line[4]));
}

}  // namespace

WebVtt::WebVtt(std::string_view file) {
    constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
    constexpr std::string_view signature = "WEBVTT";
    if (file.substr(0, byteOrderMark.size()) == byteOrderMark) file.remove_prefix(byteOrderMark.size());
    Lines lines(file);
    const auto first = lines.next();
    if (!first || first->substr(0, signature.size()) != signature ||
        (first->size() > signature.size() && !isSpace((*first)[signature.size()])))
        throw WebVttError("line 1: a WebVTT file begins with \"WEBVTT\"");
    auto line = lines.next();
    while (line && !line->empty()) line = lines.next();

    while ((line = lines.next())) {
        if (line->empty()) continue;
        const bool isStyle = cues_.empty() && (opensBlock(*line, "STYLE") || opensBlock(*line, "REGION"));
        if (isStyle || opensNote(*line)) {
            if (isStyle) styles_ += '\n';
            for (; line && !line->empty(); line = lines.next())
                if (isStyle) styles_.append(*line).append("\n");
            continue;
        }
        std::string identifier;
        if (line->find("-->") == std::string_view::npos) {
            identifier = *line;
            line = lines.next();
            if (!line || line->find("-->") == std::string_view::npos)
                lines.fail("\"" + identifier + "\" is to be followed by the cue's times");
        }
        auto cue = parseTiming(*line, lines);
        cue.identifier = std::move(identifier);
        while ((line = lines.next()) && !line->empty()) {
            if (!cue.payload.empty()) cue.payload += '\n';
            cue.payload += *line;
        }
        cues_.push_back(std::move(cue));
    }
    std::stable_sort(cues_.begin(), cues_.end(), [](const Cue& left, const Cue& right) {
        return left.startMilliseconds < right.startMilliseconds;
    });
}

std::string WebVtt::segment(std::int64_t startMilliseconds, std::int64_t endMilliseconds,
                            std::int64_t mpegTimestamp) const {
    std::string text = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:" + std::to_string(mpegTimestamp) + ",LOCAL:00:00:00.000\n";
    text += styles_;
    for (const auto& cue : cues_) {
        if (cue.startMilliseconds >= endMilliseconds) break;
        if (cue.endMilliseconds > startMilliseconds) appendCue(text, cue);
    }
    return text;
}

std::string webVttTime(std::int64_t milliseconds) {
    const auto seconds = milliseconds / 1000;
    std::array<char, 40> text{};
    const int size = std::snprintf(text.data(), text.size(), "%02lld:%02d:%02d.%03d",
                                   static_cast<long long>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                                   static_cast<int>(seconds % 60), static_cast<int>(milliseconds % 1000));
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace playhouse::streaming
