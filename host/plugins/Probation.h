#pragma once

#include "routing/AnswerCounts.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace playhouse::host {

/// What share of a generation's answers are errors, of late and in all. One thread at a time.
class RecentAnswers {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Notes the totals at `now`. To be called now and then; what is older than `window` is forgotten.
    void note(AnswerCounts::Totals totals, Time now, std::chrono::milliseconds window);

    /// The greater of two shares: that of all answers, and that of the window that ends with `totals`. A version that
    /// fails because of what goes on around it at this moment is a fair measure for the next, which meets the same;
    /// and so is one that always failed now and then, but had a quiet minute.
    double errorShare(AnswerCounts::Totals totals) const;

private:
    std::deque<std::pair<Time, AnswerCounts::Totals>> notes_;
};

/// Whether a new version does its work as well as the version before did.
class Probation {
public:
    struct Rules {
        double errorRate = 10;               ///< percentage points above the version before that are too many
        std::uint64_t minimumRequests = 20;  ///< answers before their rate decides
    };

    /// @param errorShareBefore  of the version before, from 0 to 1
    Probation(double errorShareBefore, Rules rules) : errorShareBefore_(errorShareBefore), rules_(rules) {}

    /// Why the new version, which has given `totals`, is not to stay; nothing while it may.
    ///
    /// Its errors must be more than the rules allow and more than chance explains: by three standard deviations of what
    /// the version before would have made of as many requests. With less than the minimum of requests only this counts:
    /// five or more, all of which failed, where the version before answered most.
    std::optional<std::string> fault(AnswerCounts::Totals totals) const;

private:
    double errorShareBefore_;
    Rules rules_;
};

}  // namespace playhouse::host
