#include "SwapSteps.h"

#include "PluginError.h"
#include "StateHandover.h"

#include <Poco/Logger.h>

#include <utility>

namespace playhouse::host {
namespace {

using Steady = std::chrono::steady_clock;

std::chrono::microseconds since(Steady::time_point began) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - began);
}

}  // namespace

SwapSteps::SwapSteps(Platform& platform, RouteTableSlot& routes, const std::filesystem::path& generationsDirectory,
                     SwapSettings swapSettings)
    : settings(swapSettings),
      publication(routes),
      figures(platform.metrics.registry()),
      retired([this](const std::string& id, RetiredGenerations::Counts counts) {
          figures.setGenerations(id, "draining", counts.draining);
          figures.setGenerations(id, "resident", counts.resident);
      }),
      platform_(platform),
      directory_(generationsDirectory) {}

SwapSteps::Staging SwapSteps::beginStage(PluginRecord& record, const PluginConfiguration& configuration,
                                         const LibrarySource& library) {
    auto generation =
        std::make_shared<Generation>(GenerationPlan{configuration, library, ++record.lastNumber, settings}, platform_,
                                     publication.services(), directory_);
    // The call refers to the generation alone, which lives until the call has returned, however long that takes.
    auto call = generation->call("start", [plugin = generation.get()] {
        try {
            plugin->prepare();
        } catch (const PluginError&) {
            throw;
        } catch (const std::exception& problem) {
            throw PluginError("START_FAILED", "plugin \"" + plugin->id() + "\" cannot be loaded: " + problem.what());
        }
    });
    return {std::move(generation), std::move(call), Steady::now() + settings.startTimeout};
}

std::shared_ptr<Generation> SwapSteps::finishStage(const Staging& staging) {
    discardUnless(
        [&] {
            if (staging.call->waitUntil(staging.deadline)) return;
            throw PluginError(
                "START_TIMEOUT",
                "plugin \"" + staging.generation->id() + "\" from " + staging.generation->origin().string() +
                    " did not start within swap.start-timeout = " + std::to_string(settings.startTimeout.count()) +
                    " ms; it stays in memory until it has returned");
        },
        staging.generation);
    return staging.generation;
}

std::vector<Publication::Part> SwapSteps::parts() const {
    std::vector<Publication::Part> parts;
    for (const auto& record : records) parts.push_back(partOf(*record, record->serving));
    return parts;
}

std::shared_ptr<const RouteTable> SwapSteps::tableWith(const PluginRecord& changed,
                                                       std::shared_ptr<Generation> next) const {
    std::vector<Publication::Part> parts;
    for (const auto& record : records)
        if (record.get() != &changed) parts.push_back(partOf(*record, record->serving));
    parts.push_back(partOf(changed, std::move(next)));
    return publication.build(parts);
}

std::shared_ptr<const RouteTable> SwapSteps::currentTable() const {
    return publication.build(parts());
}

SwapReport SwapSteps::replaceBy(PluginRecord& record, const std::shared_ptr<Generation>& next,
                                Steady::time_point began) {
    const auto old = record.serving;
    SwapReport report{.id = next->id(),
                      .fromVersion = old ? old->version() : "",
                      .toVersion = next->version(),
                      .fromGeneration = old ? old->number() : 0,
                      .toGeneration = next->number()};
    std::shared_ptr<const RouteTable> table;
    auto holding = Steady::now();
    bool held = false;
    discardUnless(
        [&] {
            table = tableWith(record, next);
            held = old && movesState(*old, *next);
            holding = Steady::now();
            if (held) handOverState(*old, *next);
        },
        next);
    // From here on nothing fails.
    letServe(record, next);
    publication.publish(std::move(table));
    if (old) old->gate()->close();
    if (held) report.held = since(holding);
    report.total = since(began);
    if (!old) return report;

    {
        const std::lock_guard lock(mutex);
        ++record.swaps;
        record.before = EarlierVersion{old->version(), old->configuration(), old->keptLibrary(), old->origin()};
    }
    figures.addSwap(record.configured.id, report.total);
    retired.add(old, settings.drainTimeout);
    report.unloaded = retired.wait(*old, settings.reportPatience) == RetiredGenerations::Outcome::Unloaded;
    return report;
}

void SwapSteps::letServe(PluginRecord& record, const std::shared_ptr<Generation>& next) {
    next->gate()->open();
    publication.services().replace(next->id(), next->gate(), next->offers());
    {
        const std::lock_guard lock(mutex);
        record.serving = next;
        record.knownPatterns = patternsOf(*next);
    }
    setState(record, PluginState::Serving);
    figures.setGenerations(next->id(), "serving", 1);
}

void SwapSteps::discard(const std::shared_ptr<Generation>& generation) {
    generation->gate()->close();
    const auto quiet = generation->isQuiet();
    retired.add(generation, settings.drainTimeout);
    // What can go at once is gone when the action returns.
    if (quiet) retired.wait(*generation, settings.reportPatience);
}

void SwapSteps::takeOff(PluginRecord& record, PluginState state) {
    const auto old = record.serving;
    if (old) {
        auto table = tableWith(record, nullptr);
        publication.publish(std::move(table));
        publication.services().replace(old->id(), nullptr, {});
        {
            const std::lock_guard lock(mutex);
            record.serving = nullptr;
        }
        old->gate()->close();
        figures.setGenerations(old->id(), "serving", 0);
        retired.add(old, settings.drainTimeout);
    }
    setState(record, state);
}

void SwapSteps::setState(PluginRecord& record, PluginState state, std::string error) {
    const std::lock_guard lock(mutex);
    record.state = state;
    record.error = std::move(error);
    record.since = platform_.clock.now();
}

Publication::Part SwapSteps::partOf(const PluginRecord& record, std::shared_ptr<Generation> generation) {
    const auto& configured = record.configured;
    Publication::Part part{configured.id, std::move(generation), configured.paths};
    if (configured.paths.empty()) part.disabledPatterns = {"/" + configured.id, "/" + configured.id + "/{rest...}"};
    part.disabledPatterns.insert(part.disabledPatterns.end(), record.knownPatterns.begin(), record.knownPatterns.end());
    return part;
}

}  // namespace playhouse::host
