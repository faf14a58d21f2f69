#include "NearestName.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace playhouse::host {
namespace {

char lower(char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
}

/// Optimal string alignment distance: Levenshtein's with transpositions of neighbours.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> beforeLast(right.size() + 1);
    std::vector<std::size_t> last(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t column = 0; column <= right.size(); ++column) last[column] = column;
    for (std::size_t line = 1; line <= left.size(); ++line) {
        row[0] = line;
        for (std::size_t column = 1; column <= right.size(); ++column) {
            const auto here = lower(left[line - 1]);
            const auto there = lower(right[column - 1]);
            row[column] = std::min({last[column] + 1, row[column - 1] + 1, last[column - 1] + (here == there ? 0 : 1)});
            if (line > 1 && column > 1 && here == lower(right[column - 2]) && lower(left[line - 2]) == there)
                row[column] = std::min(row[column], beforeLast[column - 2] + 1);
        }
        std::swap(beforeLast, last);
        std::swap(last, row);
    }
    return last.back();
}

}  // namespace

std::optional<std::string> nearestName(std::string_view wrong, const std::vector<std::string>& known) {
    const std::string* nearest = nullptr;
    std::size_t least = 0;
    for (const auto& name : known) {
        const auto away = distance(wrong, name);
        if (nearest != nullptr && away >= least) continue;
        nearest = &name;
        least = away;
    }
    if (nearest == nullptr || least * 3 > std::max(nearest->size(), wrong.size())) return std::nullopt;
    return *nearest;
}

std::string didYouMean(std::string_view wrong, const std::vector<std::string>& known) {
    const auto nearest = nearestName(wrong, known);
    return nearest ? "; did you mean \"" + *nearest + "\"?" : std::string();
}

}  // namespace playhouse::host
