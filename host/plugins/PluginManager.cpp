#include "PluginManager.h"

#include "SwapSteps.h"

#include "configuration/NearestName.h"
#include "platform/Platform.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

Poco::Logger& logger() {
    return Poco::Logger::get("plugins");
}

/// Throws std::invalid_argument naming the key when a path of the configuration is no route pattern.
void checkPaths(const PluginConfiguration& configuration) {
    try {
        for (const auto& path : configuration.paths) RoutePattern{path};
    } catch (const std::invalid_argument& problem) {
        throw std::invalid_argument("plugin." + configuration.id + ".paths: " + problem.what());
    }
}

}  // namespace

class PluginManager::Implementation {
public:
    Implementation(Platform& platform, RouteTableSlot& routes, const std::filesystem::path& directory,
                   SwapSettings settings)
        : steps(platform, routes, directory, settings) {
        steps.publication.publish(steps.currentTable());
    }

    /// The right to act, and the only one.
    std::unique_lock<std::mutex> beginAction() {
        std::unique_lock lock(actions);
        if (stopped) throw PluginError("STOPPED", "the server is shutting down");
        return lock;
    }

    PluginRecord& recordOf(const std::string& id) const {
        std::vector<std::string> known;
        for (const auto& record : steps.records) {
            if (record->configured.id == id) return *record;
            known.push_back(record->configured.id);
        }
        throw PluginError("PLUGIN_NOT_FOUND", "no plugin \"" + id + "\" is configured" + didYouMean(id, known));
    }

    PluginRecord& addRecord(const PluginConfiguration& configuration) {
        auto record = std::make_unique<PluginRecord>();
        record->configured = configuration;
        record->enabled = configuration.enabled;
        const std::lock_guard lock(steps.mutex);
        return *steps.records.emplace_back(std::move(record));
    }

    /// Starts the plugin, or swaps what serves. Throws PluginError; what served before serves on.
    SwapReport startOrSwap(PluginRecord& record, const PluginConfiguration& configuration,
                           const LibrarySource& library) {
        const auto began = std::chrono::steady_clock::now();
        const bool swapping = record.serving != nullptr;
        steps.setState(record, swapping ? PluginState::Swapping : PluginState::Starting);
        try {
            const auto next = steps.finishStage(steps.beginStage(record, configuration, library));
            auto report = steps.replaceBy(record, next, began);
            logger().information("plugin \"" + report.id + "\": generation " + std::to_string(report.toGeneration) +
                                 ", version " + report.toVersion + ", serves after " +
                                 std::to_string(report.total.count()) + " us");
            return report;
        } catch (const PluginError& problem) {
            steps.setState(record, swapping ? PluginState::Serving : PluginState::Failed, problem.what());
            if (swapping) steps.figures.addFailedSwap(configuration.id, problem.code());
            logger().error(problem.what());
            throw;
        }
    }

    void switchOff(PluginRecord& record) {
        if (record.serving) logger().information("plugin \"" + record.configured.id + "\" is switched off");
        steps.takeOff(record, PluginState::Disabled);
    }

    /// Applies what changed for one plugin. Throws PluginError; the next configuration is compared to what was applied.
    void apply(const PluginConfiguration& next) {
        const auto& records = steps.records;
        const auto known = std::find_if(records.begin(), records.end(),
                                        [&](const auto& record) { return record->configured.id == next.id; });
        auto& record = known != records.end() ? **known : addRecord(next);
        const auto before = record.configured;
        {
            const std::lock_guard lock(steps.mutex);
            record.configured.paths = next.paths;
        }
        if (next.enabled != before.enabled) setEnabled(record, next.enabled);
        const bool changed = next.library != before.library || next.settings != before.settings;
        if (record.enabled && (changed || !record.serving)) startOrSwap(record, next, LibrarySource::at(next.library));
        if (!record.enabled && record.state != PluginState::Disabled) switchOff(record);
        const std::lock_guard lock(steps.mutex);
        record.configured = next;
    }

    /// Lets what was staged serve, without publishing it. Throws PluginError, having discarded it.
    void admit(PluginRecord& record, const SwapSteps::Staging& staging) {
        try {
            const auto next = steps.finishStage(staging);
            steps.discardUnless([&] { steps.tableWith(record, next); }, next);
            steps.letServe(record, next);
        } catch (const PluginError& problem) {
            steps.setState(record, PluginState::Failed, problem.what());
            logger().error(problem.what());
            throw;
        }
    }

    /// As if nothing had been started.
    void takeBack() {
        for (const auto& record : steps.records) steps.takeOff(*record, PluginState::Disabled);
        {
            const std::lock_guard lock(steps.mutex);
            steps.records.clear();
        }
        steps.publication.publish(steps.currentTable());
    }

    void setEnabled(PluginRecord& record, bool enabled) {
        const std::lock_guard lock(steps.mutex);
        record.enabled = enabled;
    }

    /// Takes plugins off that the configuration names no more.
    void forgetMissing(const std::vector<PluginConfiguration>& next) {
        const auto isMissing = [&](const std::unique_ptr<PluginRecord>& record) {
            return std::none_of(next.begin(), next.end(),
                                [&](const auto& each) { return each.id == record->configured.id; });
        };
        for (const auto& record : steps.records)
            if (isMissing(record)) switchOff(*record);
        const std::lock_guard lock(steps.mutex);
        std::erase_if(steps.records, isMissing);
    }

    void sortAs(const std::vector<PluginConfiguration>& order) {
        const std::lock_guard lock(steps.mutex);
        std::vector<std::unique_ptr<PluginRecord>> sorted;
        for (const auto& configuration : order)
            for (auto& record : steps.records)
                if (record && record->configured.id == configuration.id) sorted.push_back(std::move(record));
        steps.records = std::move(sorted);
    }

    SwapSteps steps;
    std::mutex actions;
    bool stopped = false;
};

PluginManager::PluginManager(Platform& platform, RouteTableSlot& routes, std::filesystem::path generationsDirectory,
                             SwapSettings settings)
    : implementation_(std::make_unique<Implementation>(platform, routes, generationsDirectory, settings)) {}

PluginManager::~PluginManager() {
    stopAll(std::chrono::milliseconds(0));
}

void PluginManager::addHostRoutes(std::vector<Route> routes) {
    const auto action = implementation_->beginAction();
    auto& steps = implementation_->steps;
    steps.publication.addHostRoutes(std::move(routes), steps.parts());
}

std::vector<std::string> PluginManager::startAll(std::vector<PluginConfiguration> configurations) {
    const auto action = implementation_->beginAction();
    auto& steps = implementation_->steps;
    for (const auto& configuration : configurations) checkPaths(configuration);

    std::vector<std::pair<PluginRecord*, SwapSteps::Staging>> staged;
    for (const auto& configuration : configurations) {
        auto& record = implementation_->addRecord(configuration);
        steps.setState(record, configuration.enabled ? PluginState::Starting : PluginState::Disabled);
        if (configuration.enabled)
            staged.emplace_back(&record,
                                steps.beginStage(record, configuration, LibrarySource::at(configuration.library)));
    }

    std::vector<std::string> failures;
    std::optional<PluginError> unknownSetting;
    for (const auto& [record, staging] : staged) {
        try {
            implementation_->admit(*record, staging);
        } catch (const PluginError& problem) {
            if (problem.code() == "UNKNOWN_SETTING") unknownSetting = problem;
            failures.emplace_back(problem.what());
        }
    }
    if (unknownSetting) {
        implementation_->takeBack();
        throw *unknownSetting;
    }
    steps.publication.publish(steps.currentTable());
    return failures;
}

void PluginManager::reconfigure(std::vector<PluginConfiguration> next) {
    const auto action = implementation_->beginAction();
    auto& self = *implementation_;
    for (const auto& configuration : next) checkPaths(configuration);
    self.forgetMissing(next);

    std::optional<PluginError> first;
    std::string failures;
    for (const auto& configuration : next) {
        try {
            self.apply(configuration);
        } catch (const PluginError& problem) {
            if (!first) first = problem;
            failures += (failures.empty() ? "" : "\n") + std::string(problem.what());
        }
    }
    self.sortAs(next);
    self.steps.publication.publish(self.steps.currentTable());
    if (first) throw PluginError(first->code(), failures);
}

SwapReport PluginManager::swap(const std::string& id, std::optional<std::filesystem::path> library) {
    const auto action = implementation_->beginAction();
    auto& record = implementation_->recordOf(id);
    if (!record.enabled)
        throw PluginError("PLUGIN_DISABLED", "plugin \"" + id + "\" is switched off; enable it to start it");
    const auto file = library.value_or(record.configured.library);
    return implementation_->startOrSwap(record, record.configured, LibrarySource::at(file));
}

SwapReport PluginManager::rollback(const std::string& id) {
    const auto action = implementation_->beginAction();
    auto& record = implementation_->recordOf(id);
    if (!record.enabled)
        throw PluginError("PLUGIN_DISABLED", "plugin \"" + id + "\" is switched off; enable it to start it");
    if (!record.before)
        throw PluginError("NO_EARLIER_VERSION",
                          "there is no version of plugin \"" + id + "\" to go back to: nothing has replaced it yet");
    const auto before = *record.before;
    return implementation_->startOrSwap(record, before.configuration, before.library->source(before.origin));
}

void PluginManager::enable(const std::string& id) {
    const auto action = implementation_->beginAction();
    auto& record = implementation_->recordOf(id);
    if (record.serving) return;
    implementation_->setEnabled(record, true);
    implementation_->startOrSwap(record, record.configured, LibrarySource::at(record.configured.library));
}

void PluginManager::disable(const std::string& id) {
    const auto action = implementation_->beginAction();
    auto& record = implementation_->recordOf(id);
    implementation_->setEnabled(record, false);
    implementation_->switchOff(record);
}

std::vector<PluginStatus> PluginManager::status() const {
    auto& steps = implementation_->steps;
    std::vector<PluginStatus> all;
    std::vector<std::shared_ptr<Generation>> serving;
    {
        const std::lock_guard lock(steps.mutex);
        for (const auto& record : steps.records) {
            auto& status = all.emplace_back();
            status.id = record->configured.id;
            status.state = record->state;
            status.error = record->error;
            status.library = record->configured.library;
            status.swaps = record->swaps;
            status.since = record->since;
            if (record->before) status.previousVersion = record->before->version;
            serving.push_back(record->serving);
        }
    }
    for (std::size_t index = 0; index < all.size(); ++index) {
        auto& status = all[index];
        const auto counts = steps.retired.counts(status.id);
        status.draining = counts.draining;
        status.resident = counts.resident;
        const auto& generation = serving[index];
        if (!generation) continue;
        status.version = generation->version();
        status.generation = generation->number();
        status.library = generation->origin();
        // Without a lease it is just being swapped: nobody may call it, and it was well when it was published.
        if (const auto lease = generation->gate()->enter()) {
            status.health = generation->health();
            for (const auto& route : generation->routes())
                status.routes.push_back(std::string(toString(route.method)) + " " + route.pattern);
        }
    }
    return all;
}

void PluginManager::reconfigure(const SwapSettings& settings) {
    const auto action = implementation_->beginAction();
    implementation_->steps.settings = settings;
}

bool PluginManager::stopAll(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const std::lock_guard action(implementation_->actions);
    implementation_->stopped = true;
    auto& steps = implementation_->steps;
    for (const auto& record : steps.records)
        if (record->serving) steps.takeOff(*record, PluginState::Disabled);
    return steps.retired.waitForAll(deadline);
}

}  // namespace playhouse::host
