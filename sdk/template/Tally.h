#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Votes, counted for each choice. Not safe for concurrent changes.
class Tally {
public:
    using Counts = std::map<std::string, std::uint64_t, std::less<>>;

    /// Nobody has voted for any of `choices`. Throws std::invalid_argument when there are none.
    explicit Tally(const std::vector<std::string>& choices);

    /// Counts one vote and returns how many `choice` has now. Throws std::out_of_range, naming the choices there are,
    /// for another.
    std::uint64_t vote(std::string_view choice);

    const Counts& counts() const noexcept { return counts_; }

    /// The counts as a text that restore() reads: a line "<count> <choice>" for each.
    std::string saved() const;

    /// Takes over the counts of `saved` for the choices that there are still. Throws std::invalid_argument for another
    /// text.
    void restore(std::string_view saved);

private:
    Counts counts_;
};
