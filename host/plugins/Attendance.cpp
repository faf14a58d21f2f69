// What a plugin's attendant does: judges its probation, swaps it when its library has been rebuilt, and tries again to
// start it when it failed for a reason that may pass, such as a database that is away.

#include "PluginActions.h"
#include "PluginError.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;

/// How often a watched library is looked at.
constexpr milliseconds watchInterval{100};

/// How often it is looked at whether a plugin that could not start can be tried again.
constexpr milliseconds startInterval{250};

/// How often a version on probation is looked at, and how often it is asked for its health.
milliseconds judgeInterval(milliseconds probation) {
    return std::clamp(probation / 20, milliseconds(10), milliseconds(250));
}
milliseconds healthInterval(milliseconds probation) {
    return std::clamp(probation / 10, milliseconds(10), milliseconds(1000));
}

Poco::Logger& logger() {
    return Poco::Logger::get("plugins");
}

}  // namespace

Attendant::Time PluginActions::attend(PluginRecord& record) {
    watchLibrary(record, std::chrono::steady_clock::now());
    startAgain(record, std::chrono::steady_clock::now());
    judge(record, std::chrono::steady_clock::now());

    const auto now = std::chrono::steady_clock::now();
    auto next = Attendant::Time::max();
    const std::lock_guard lock(steps_.mutex);
    if (record.watch) next = now + watchInterval;
    if (record.mayStartLater) next = std::min(next, now + startInterval);
    if (record.serving && record.serving->settings().probation.count() > 0) {
        const auto probation = record.serving->settings().probation;
        // Without a trial, only to know how the version does of late.
        next =
            std::min(next, now + (record.trial ? judgeInterval(probation) : std::max(probation / 4, milliseconds(10))));
    }
    return next;
}

void PluginActions::watchLibrary(PluginRecord& record, Attendant::Time now) {
    std::unique_lock lock(steps_.mutex);
    const auto id = record.configured.id;
    const auto library = record.configured.library;
    const bool watched = record.configured.watch;
    const bool enabled = record.enabled;
    const auto serving = record.serving;
    lock.unlock();
    if (!watched) return record.watch.reset();
    if (!record.watch || record.watch->library() != library)
        record.watch.emplace(library, serving && serving->origin() == library ? serving->mark() : markOf(library));

    const auto sight = record.watch->look(now);
    if (!enabled) return;
    if (!sight.incomplete.empty())
        logger().warning("plugin \"" + id + "\" is not swapped: " + library.string() + ": " + sight.incomplete);
    if (sight.rebuilt) swapRebuilt(record, *sight.rebuilt);
}

void PluginActions::swapRebuilt(PluginRecord& record, const FileMark& mark) {
    try {
        const auto action = begin(record);
        const auto& configured = record.configured;
        const auto& serving = record.serving;
        if (!record.enabled || (serving && serving->origin() == configured.library && serving->mark() == mark)) return;
        logger().information("plugin \"" + configured.id + "\": " + configured.library.string() + " was rebuilt");
        byItself(record,
                 {.who = "library watch",
                  .action = "swap",
                  .reason = "because " + configured.library.string() + " was rebuilt"},
                 [&] { startOrSwap(record); });
    } catch (const PluginError&) {
        // Logged, and shown as the plugin's error; the next build is tried.
    }
}

bool PluginActions::isTimeToStart(PluginRecord& record, Attendant::Time now) {
    const std::lock_guard lock(steps_.mutex);
    if (!record.mayStartLater || !record.enabled) {
        record.startPauses.reset();
        record.nextStart.reset();
        return false;
    }
    if (!steps_.databaseIsUp()) {
        // At once when it is back, however often it was tried before.
        record.startPauses.reset();
        record.nextStart = now;
        return false;
    }
    // One that never returns is not started again beside itself.
    if (const auto late = record.lateStart.lock(); late && !late->finished()) return false;
    if (!record.nextStart) record.nextStart = now + record.startPauses.next();
    return now >= *record.nextStart;
}

void PluginActions::startAgain(PluginRecord& record, Attendant::Time now) {
    if (!isTimeToStart(record, now)) return;
    try {
        const auto action = begin(record);
        if (!isTimeToStart(record, now)) return;
        record.nextStart.reset();
        struct Forget {
            std::string& failure;
            ~Forget() { failure.clear(); }
        } const forget{record.knownFailure = record.error};
        byItself(
            record,
            {.who = "start retry", .action = "start", .reason = "because what kept it from starting may have passed"},
            [&] { startOrSwap(record); });
    } catch (const PluginError&) {
        // Logged when it is another than before, and shown as the plugin's error.
    }
}

void PluginActions::byItself(PluginRecord& record, AutomaticAction told, const std::function<void()>& act) {
    const auto began = std::chrono::steady_clock::now();
    const auto now = [&] {
        const std::lock_guard lock(steps_.mutex);
        return statusOf(record);
    };
    const auto tell = [&] {
        told.to = now();
        told.took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
        if (listener_) listener_(told);
    };
    told.from = now();
    try {
        act();
    } catch (const PluginError& problem) {
        told.refusal = problem.what();
        if (problem.code() != "STOPPED" && told.refusal != record.knownFailure) tell();
        throw;
    }
    tell();
}

void PluginActions::judge(PluginRecord& record, Attendant::Time now) {
    std::unique_lock lock(steps_.mutex);
    const auto serving = record.serving;
    const auto trial = record.trial;
    if (!serving) return;
    const auto probation = serving->settings().probation;
    const auto totals = serving->answers()->totals();
    record.recent.note(totals, now, probation);
    lock.unlock();
    if (!trial) return;

    if (auto reason = trial->probation.fault(totals)) return fail(record, serving, {"errors", *std::move(reason)});
    const auto health = serving->health().answer(now);
    if (health && health->status == Health::Status::Down)
        return fail(record, serving, {"health", "it says that it cannot serve: " + health->detail});
    if (!health) return;
    if (now >= trial->until) return pass(record, serving);
    if (now < record.nextHealth) return;
    serving->health().begin();
    record.nextHealth = now + healthInterval(probation);
}

void PluginActions::pass(PluginRecord& record, const std::shared_ptr<Generation>& judged) {
    const std::lock_guard lock(steps_.mutex);
    if (record.serving != judged) return;
    record.trial.reset();
    record.proven = true;
    logger().information("plugin \"" + judged->id() + "\": version " + judged->version() + " has stood its probation");
}

void PluginActions::fail(PluginRecord& record, const std::shared_ptr<Generation>& judged, const Fault& fault) {
    try {
        const auto action = begin(record);
        if (record.serving != judged || !record.trial) return;
        const auto say = [&](std::string text) {
            logger().warning("plugin \"" + judged->id() + "\" " + text);
            const std::lock_guard lock(steps_.mutex);
            record.notice = std::move(text);
            record.trial.reset();
        };
        const auto target = record.before->version;
        try {
            SwapReport report;
            byItself(record, {.who = "probation", .action = "rollback", .reason = "because " + fault.reason},
                     [&] { report = goBack(record, fault.cause); });
            say("went back from " + report.fromVersion + " to " + report.toVersion + " by itself: " + fault.reason +
                (report.stateLost.empty() ? "" : "; without its state: " + report.stateLost));
        } catch (const PluginError& problem) {
            if (problem.code() == "STOPPED") return;
            say("should go back from " + judged->version() + " to " + target + ", because " + fault.reason +
                "; but this failed: " + problem.what());
        }
    } catch (const PluginError&) {
        // The server shuts down, or the plugin is configured no more.
    }
}

}  // namespace playhouse::host
