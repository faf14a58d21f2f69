#include "SwapSteps.h"

#include "PluginError.h"
#include "StateHandover.h"

#include "platform/ThrownText.h"

#include <utility>

namespace playhouse::host {
namespace {

using Steady = std::chrono::steady_clock;

std::chrono::microseconds since(Steady::time_point began) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - began);
}

PluginError cannotBeLoaded(const std::string& pluginId, const std::exception& problem) {
    return PluginError("START_FAILED", "plugin \"" + pluginId + "\" cannot be loaded: " + thrownText(problem));
}

}  // namespace

SwapSteps::SwapSteps(Platform& platform, RouteTableSlot& routes, const std::filesystem::path& generationsDirectory,
                     SwapSettings swapSettings)
    : settings(std::move(swapSettings)),
      figures(platform.metrics.registry()),
      retired([this](const std::string& id, RetiredGenerations::Counts counts) {
          figures.setGenerations(id, "draining", counts.draining);
          figures.setGenerations(id, "resident", counts.resident);
      }),
      platform_(platform),
      directory_(generationsDirectory),
      publication_(routes) {}

SwapSteps::Staging SwapSteps::beginStage(PluginRecord& record, const PluginConfiguration& configuration,
                                         const LibrarySource& library) {
    std::unique_lock lock(mutex);
    GenerationPlan plan{configuration, library, {}, ++record.lastNumber, settings};
    if (record.serving)
        plan.before = std::make_shared<HeldRequests>(record.serving->gate(), [this] { publication_.announceHold(); });
    lock.unlock();
    plan.mark = markOf(library.origin);
    try {
        auto generation = std::make_shared<Generation>(std::move(plan), platform_, publication_.services(), directory_);
        // The call refers to the generation alone, which lives until the call has returned, however long that takes.
        auto call = generation->call("start", [plugin = generation.get()] {
            try {
                plugin->prepare();
            } catch (const PluginError&) {
                throw;
            } catch (const std::exception& problem) {
                throw cannotBeLoaded(plugin->id(), problem);
            }
        });
        return {std::move(generation), std::move(call), std::nullopt};
    } catch (const std::exception& problem) {
        // No thread to be had, say. Nothing of the plugin has run, so that its generation may just go.
        return {nullptr, nullptr, cannotBeLoaded(configuration.id, problem)};
    }
}

std::shared_ptr<Generation> SwapSteps::finishStage(PluginRecord& record, const Staging& staging) {
    if (staging.problem) throw *staging.problem;
    const auto& generation = staging.generation;
    discardUnless(
        [&] {
            const auto hasStarted = [&](auto step) { return staging.call->waitUntil(step); };
            // Migrations have a deadline of their own, which moves the start's.
            for (auto deadline = Steady::time_point::min(); deadline != generation->startDeadline();) {
                deadline = generation->startDeadline();
                if (shutdown.waitUntil(deadline, hasStarted)) return;
            }
            {
                const std::lock_guard lock(mutex);
                record.lateStart = staging.call;
            }
            throw PluginError("START_TIMEOUT", "plugin \"" + generation->id() + "\" from " +
                                                   generation->origin().string() +
                                                   " did not start within swap.start-timeout = " +
                                                   std::to_string(generation->settings().startTimeout.count()) +
                                                   " ms; it stays in memory until it has returned");
        },
        record, generation);
    return generation;
}

std::vector<Publication::Part> SwapSteps::parts() const {
    const std::lock_guard lock(mutex);
    std::vector<Publication::Part> parts;
    for (const auto& record : records) parts.push_back(partOf(*record, record->serving));
    return parts;
}

std::shared_ptr<const RouteTable> SwapSteps::tableWith(const PluginRecord& changed,
                                                       const std::shared_ptr<Generation>& next) const {
    std::vector<Publication::Part> parts;
    {
        const std::lock_guard lock(mutex);
        for (const auto& record : records)
            if (record.get() != &changed) parts.push_back(partOf(*record, record->serving));
        parts.push_back(partOf(changed, next));
    }
    return publication_.build(parts);
}

void SwapSteps::publish() {
    const std::lock_guard lock(publishing_);
    publication_.publish(publication_.build(parts()));
}

void SwapSteps::addHostRoutes(std::vector<Route> routes) {
    const std::lock_guard lock(publishing_);
    publication_.addHostRoutes(std::move(routes), parts());
}

SwapReport SwapSteps::replaceBy(PluginRecord& record, const std::shared_ptr<Generation>& next, const Replacement& how) {
    const auto old = record.serving;
    SwapReport report{.id = next->id(),
                      .fromVersion = old ? old->version() : "",
                      .toVersion = next->version(),
                      .fromGeneration = old ? old->number() : 0,
                      .toGeneration = next->number()};
    auto holding = Steady::now();
    const bool moves = old && how.movesState && movesState(*old, *next);
    discardUnless(
        [&] {
            {
                // A collision is to be found before anyone waits for the state.
                const std::lock_guard lock(publishing_);
                static_cast<void>(tableWith(record, next));
            }
            holding = Steady::now();
            if (moves) handOverState(*old, *next, shutdown, [this] { publication_.announceHold(); });
            const std::lock_guard lock(publishing_);
            std::shared_ptr<const RouteTable> table;
            try {
                table = tableWith(record, next);
            } catch (...) {
                // Another plugin took one of its routes meanwhile.
                if (moves) endHandover(*old, *next);
                throw;
            }
            // From here on nothing fails.
            letServe(record, next, how.goingBackTo);
            publication_.publish(std::move(table));
        },
        record, next);
    if (old) old->gate()->close();
    if (auto* held = next->heldRequests()) held->dismiss();
    if (moves) report.held = since(holding);
    report.total = since(how.began);
    if (!old) return report;

    {
        const std::lock_guard lock(mutex);
        ++record.swaps;
    }
    figures.addSwap(next->id(), report.total);
    retired.add(old, next->settings().drainTimeout);
    report.unloaded = waitUntilUnloaded(*old);
    return report;
}

void SwapSteps::admit(PluginRecord& record, const std::shared_ptr<Generation>& next) {
    discardUnless(
        [&] {
            const std::lock_guard lock(publishing_);
            static_cast<void>(tableWith(record, next));
            letServe(record, next, nullptr);
        },
        record, next);
}

void SwapSteps::letServe(PluginRecord& record, const std::shared_ptr<Generation>& next,
                         const EarlierVersion* goingBackTo) {
    const auto& rules = next->settings();
    next->gate()->open();
    publication_.services().replace(next->id(), next->gate(), next->offers());
    next->bus().goLive(record.serving ? &record.serving->bus() : nullptr);
    {
        const std::lock_guard lock(mutex);
        const auto old = record.serving;
        const bool provenNext = !old || rules.probation.count() == 0 || (goingBackTo && goingBackTo->proven);
        // A version that has not stood its probation is nothing to go back to, unless someone asks for it by going
        // back.
        if (old && (goingBackTo || record.proven))
            record.before = EarlierVersion{old->version(),
                                           old->configuration(),
                                           old->keptLibrary(),
                                           old->origin(),
                                           record.recent.errorShare(old->answers()->totals()),
                                           record.proven};
        else if (goingBackTo)
            record.before.reset();
        record.serving = next;
        record.proven = provenNext;
        record.trial.reset();
        if (!provenNext)
            record.trial = Trial{Probation(record.before->errorShare, rules.probationRules),
                                 Steady::now() + rules.probation, platform_.clock.now() + rules.probation};
        record.recent = {};
        record.notice.clear();
        record.routes = routesOf(*next);
        record.knownPatterns = patternsOf(*next);
    }
    setState(record, PluginState::Serving);
    figures.setGenerations(next->id(), "serving", 1);
}

std::string SwapSteps::discard(PluginRecord& record, const std::shared_ptr<Generation>& generation) {
    std::string lost;
    if (auto* const held = generation->heldRequests()) {
        const auto& old = *record.serving;
        if (held->end() && !shutdown.isGiven())
            lost = generation->isChangingTables() ? "the migrations of " + generation->version() + " still run"
                                                  : old.problemWithTables();
        if (lost.empty()) {
            held->release();
        } else {
            lost = "; nothing of plugin \"" + old.id() + "\" serves any more, as version " + old.version() +
                   " must not meet tables that it does not know: " + lost +
                   "; mend what failed, and bring it into service by `playhousectl enable " + old.id() + "`";
            held->dismiss();
            takeOff(record, PluginState::Failed);
        }
    }
    generation->gate()->close();
    const auto quiet = generation->isQuiet();
    retired.add(generation, generation->settings().drainTimeout);
    // What can go at once is gone when the action returns.
    if (quiet) waitUntilUnloaded(*generation);
    return lost;
}

bool SwapSteps::waitUntilUnloaded(const Generation& generation) {
    using Outcome = RetiredGenerations::Outcome;
    auto outcome = Outcome::Waiting;
    try {
        shutdown.waitUntil(Steady::now() + generation.settings().reportPatience, [&](auto step) {
            outcome = retired.wait(generation, step);
            return outcome != Outcome::Waiting;
        });
    } catch (const PluginError&) {
        // The server shuts down, and waits for all of them.
    }
    return outcome == Outcome::Unloaded;
}

void SwapSteps::takeOff(PluginRecord& record, PluginState state) {
    if (const auto old = record.serving) {
        {
            const std::lock_guard lock(publishing_);
            publication_.publish(tableWith(record, nullptr));
            publication_.services().replace(old->id(), nullptr, {});
            const std::lock_guard recordsLock(mutex);
            record.serving = nullptr;
            record.trial.reset();
            record.routes.clear();
        }
        old->gate()->close();
        old->bus().withdraw();
        figures.setGenerations(old->id(), "serving", 0);
        retired.add(old, old->settings().drainTimeout);
    }
    setState(record, state);
}

void SwapSteps::setState(PluginRecord& record, PluginState state, std::string error) {
    const std::lock_guard lock(mutex);
    record.state = state;
    record.error = std::move(error);
    record.mayStartLater = false;
    record.since = platform_.clock.now();
}

void SwapSteps::setFailure(PluginRecord& record, PluginState state, const PluginError& problem) {
    setState(record, state, problem.what());
    const std::lock_guard lock(mutex);
    record.mayStartLater = state == PluginState::Failed && maySucceedLater(problem.code());
}

Publication::Part SwapSteps::partOf(const PluginRecord& record, std::shared_ptr<Generation> generation) {
    const auto& configured = record.configured;
    Publication::Part part{configured.id, std::move(generation), configured.paths};
    if (configured.paths.empty()) part.disabledPatterns = {"/" + configured.id, "/" + configured.id + "/{rest...}"};
    part.disabledPatterns.insert(part.disabledPatterns.end(), record.knownPatterns.begin(), record.knownPatterns.end());
    return part;
}

}  // namespace playhouse::host
