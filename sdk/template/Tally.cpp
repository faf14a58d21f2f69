#include "Tally.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

Tally::Tally(const std::vector<std::string>& choices) {
    if (choices.empty()) throw std::invalid_argument("there is nothing to choose");
    for (const auto& choice : choices) counts_.emplace(choice, 0);
}

std::uint64_t Tally::vote(std::string_view choice) {
    const auto found = counts_.find(choice);
    if (found != counts_.end()) return ++found->second;
    std::string choices;
    for (const auto& [name, count] : counts_) choices.append(choices.empty() ? "" : ", ").append(name);
    throw std::out_of_range("\"" + std::string(choice) + "\" is none of: " + choices);
}

std::string Tally::saved() const {
    std::string text;
    for (const auto& [choice, count] : counts_) text.append(std::to_string(count) + " " + choice + "\n");
    return text;
}

void Tally::restore(std::string_view saved) {
    while (!saved.empty()) {
        const auto line = saved.substr(0, saved.find('\n'));
        saved.remove_prefix(std::min(saved.size(), line.size() + 1));
        std::uint64_t count = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), count);
        if (error != std::errc() || end == line.data() + line.size() || *end != ' ')
            throw std::invalid_argument("not a line of a saved tally: " + std::string(line));
        const auto choice = line.substr(static_cast<std::size_t>(end + 1 - line.data()));
        if (const auto found = counts_.find(choice); found != counts_.end()) found->second = count;
    }
}
