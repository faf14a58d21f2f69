#include "Probation.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace playhouse::host {
namespace {

/// Requests that must all have failed to decide when there are too few for a rate.
constexpr std::uint64_t fewestRequests = 5;

std::string percent(double share) {
    char text[16];
    std::snprintf(text, sizeof text, "%.1f %%", share * 100);
    return text;
}

}  // namespace

void RecentAnswers::note(AnswerCounts::Totals totals, Time now, std::chrono::milliseconds window) {
    // The newest of those that are older than the window is where the window begins.
    while (notes_.size() > 1 && notes_[1].first + window <= now) notes_.pop_front();
    notes_.emplace_back(now, totals);
}

double RecentAnswers::errorShare(AnswerCounts::Totals totals) const {
    if (notes_.empty()) return totals.errorShare();
    const auto& begin = notes_.front().second;
    const AnswerCounts::Totals recent{totals.answers - std::min(totals.answers, begin.answers),
                                      totals.errors - std::min(totals.errors, begin.errors)};
    return std::max(totals.errorShare(), std::min(1.0, recent.errorShare()));
}

std::optional<std::string> Probation::fault(AnswerCounts::Totals totals) const {
    const auto answers = static_cast<double>(totals.answers);
    const auto errors = static_cast<double>(totals.errors);
    const bool enough = totals.answers >= std::max<std::uint64_t>(rules_.minimumRequests, 1);
    if (!enough && (totals.answers < fewestRequests || totals.errors < totals.answers || errorShareBefore_ > 0.5))
        return std::nullopt;
    const auto expected = answers * errorShareBefore_;
    const auto chance = 3 * std::sqrt(expected * (1 - errorShareBefore_));
    const auto surplus = errors - expected;
    if (enough && (surplus <= chance || surplus * 100 < rules_.errorRate * answers)) return std::nullopt;
    return std::to_string(totals.errors) + " of its " + std::to_string(totals.answers) + " answers were errors (" +
           percent(totals.errorShare()) + "; before: " + percent(errorShareBefore_) + ")";
}

}  // namespace playhouse::host
