#include "PluginActions.h"

#include "PluginError.h"

#include "configuration/NearestName.h"
#include "platform/ThrownText.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

namespace playhouse::host {
namespace {

using Steady = std::chrono::steady_clock;

Poco::Logger& logger() {
    return Poco::Logger::get("plugins");
}

}  // namespace

std::shared_ptr<PluginRecord> PluginActions::recordOf(const std::string& id) const {
    const std::lock_guard lock(steps_.mutex);
    std::vector<std::string> known;
    for (const auto& record : steps_.records) {
        if (record->configured.id == id) return record;
        known.push_back(record->configured.id);
    }
    throw PluginError("PLUGIN_NOT_FOUND", "no plugin \"" + id + "\" is configured" + didYouMean(id, known));
}

std::shared_ptr<PluginRecord> PluginActions::add(const PluginConfiguration& configuration) {
    auto record = std::make_shared<PluginRecord>();
    record->configured = record->applied = configuration;
    record->enabled = configuration.enabled;
    {
        const std::lock_guard lock(steps_.mutex);
        steps_.records.push_back(record);
    }
    wake(*record);
    return record;
}

std::unique_lock<std::mutex> PluginActions::begin(PluginRecord& record) const {
    std::unique_lock acting(record.acting);
    steps_.shutdown.check();
    if (record.removed)
        throw PluginError("PLUGIN_NOT_FOUND", "the plugin \"" + record.configured.id + "\" is configured no more");
    return acting;
}

SwapReport PluginActions::startOrSwap(PluginRecord& record, const std::optional<std::filesystem::path>& library) {
    const auto& configured = record.configured;
    auto report = replace(record, configured, LibrarySource::at(library.value_or(configured.library)), nullptr);
    const std::lock_guard lock(steps_.mutex);
    record.applied = configured;
    return report;
}

SwapReport PluginActions::goBack(PluginRecord& record, std::string_view cause) {
    const auto target = *record.before;
    auto report = replace(record, target.configuration, target.library->source(target.origin), &target);
    steps_.figures.addRollback(report.id, std::string(cause));
    if (!report.stateLost.empty())
        logger().warning("plugin \"" + report.id + "\" went back to " + report.toVersion + " without the state of " +
                         report.fromVersion + ": " + report.stateLost);
    return report;
}

SwapReport PluginActions::replace(PluginRecord& record, const PluginConfiguration& configuration,
                                  const LibrarySource& library, const EarlierVersion* goingBackTo) {
    const auto began = Steady::now();
    const bool swapping = record.serving != nullptr;
    steps_.setState(record, swapping ? PluginState::Swapping : PluginState::Starting);
    const auto attempt = [&](bool movesState) {
        const auto next = steps_.finishStage(record, steps_.beginStage(record, configuration, library));
        return steps_.replaceBy(record, next, {began, movesState, goingBackTo});
    };
    const auto failed = [&](const PluginError& problem) {
        // What served may have had to go.
        steps_.setFailure(record, record.serving ? PluginState::Serving : PluginState::Failed, problem);
        wake(record);
        if (swapping) steps_.figures.addFailedSwap(configuration.id, problem.code());
        if (problem.what() != record.knownFailure) logger().error(problem.what());
    };
    try {
        SwapReport report;
        try {
            report = attempt(true);
        } catch (const PluginError& problem) {
            // Going back is for when something is wrong, which a state that does not move may be part of.
            if (!goingBackTo || (problem.code() != "STATE_REFUSED" && problem.code() != "BUSY")) throw;
            report = attempt(false);
            report.stateLost = problem.what();
        }
        logger().information("plugin \"" + report.id + "\": generation " + std::to_string(report.toGeneration) +
                             ", version " + report.toVersion + ", serves after " +
                             std::to_string(report.total.count()) + " us");
        wake(record);
        return report;
    } catch (const PluginError& problem) {
        failed(problem);
        throw;
    } catch (const std::exception& problem) {
        // Of the host's own needs: no thread for moving the state, say.
        const PluginError told("START_FAILED", "plugin \"" + configuration.id +
                                                   "\" cannot be brought into service: " + thrownText(problem));
        failed(told);
        throw told;
    }
}

void PluginActions::switchOff(PluginRecord& record) {
    if (record.serving) logger().information("plugin \"" + record.configured.id + "\" is switched off");
    steps_.takeOff(record, PluginState::Disabled);
}

void PluginActions::setEnabled(PluginRecord& record, bool enabled) {
    const std::lock_guard lock(steps_.mutex);
    record.enabled = enabled;
}

void PluginActions::wake(PluginRecord& record) {
    const std::lock_guard lock(steps_.mutex);
    if (record.attendant) return record.attendant->wake();
    if (record.removed || steps_.shutdown.isGiven()) return;
    try {
        record.attendant =
            std::make_unique<Attendant>("attend-" + record.configured.id, [this, &record] { return attend(record); });
    } catch (const std::exception& problem) {
        logger().error(
            "plugin \"" + record.configured.id +
            "\": neither its library nor a new version's probation is watched until the next action on it: " +
            thrownText(problem));
    }
}

void PluginActions::dismissAttendant(PluginRecord& record) const {
    std::unique_lock lock(steps_.mutex);
    const auto attendant = std::move(record.attendant);
    lock.unlock();
}

}  // namespace playhouse::host
