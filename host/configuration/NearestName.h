#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// The name in `known` that `wrong` was most likely meant to be: the fewest letters added, dropped, replaced or swapped
/// with a neighbour, ignoring case. Nothing when even the nearest differs in more than a third of its letters.
std::optional<std::string> nearestName(std::string_view wrong, const std::vector<std::string>& known);

/// "; did you mean \"server.port\"?" for the end of a message, or an empty text when nothing is near.
std::string didYouMean(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace playhouse::host
