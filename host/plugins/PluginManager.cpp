#include "PluginManager.h"

#include "PluginActions.h"
#include "SwapSteps.h"

#include "platform/Platform.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

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
    using Record = std::shared_ptr<PluginRecord>;

    Implementation(Platform& platform, RouteTableSlot& routes, const std::filesystem::path& directory,
                   SwapSettings settings)
        : steps(platform, routes, directory, std::move(settings)) {
        steps.publish();
    }

    /// A plugin with the right to act on it.
    struct Action {
        Record record;
        std::unique_lock<std::mutex> acting;
    };

    Action begin(const std::string& id) {
        auto record = actions.recordOf(id);
        auto acting = actions.begin(*record);
        return {std::move(record), std::move(acting)};
    }

    /// As begin(), for what needs a plugin that is switched on.
    Action beginSwap(const std::string& id) {
        auto action = begin(id);
        if (!action.record->enabled)
            throw PluginError("PLUGIN_DISABLED", "plugin \"" + id + "\" is switched off; enable it to start it");
        return action;
    }

    /// The right to change which plugins there are.
    std::unique_lock<std::mutex> beginConfiguring() {
        std::unique_lock lock(configuring);
        steps.shutdown.check();
        return lock;
    }

    std::vector<Record> records() const {
        const std::lock_guard lock(steps.mutex);
        return steps.records;
    }

    /// Applies what changed for one plugin. Throws PluginError; what could not be done is tried again with the next
    /// configuration, and by whoever swaps or rebuilds the plugin until then.
    void apply(const PluginConfiguration& next) {
        const auto all = records();
        const auto known =
            std::find_if(all.begin(), all.end(), [&](const Record& each) { return each->configured.id == next.id; });
        const auto record = known != all.end() ? *known : actions.add(next);
        const auto acting = actions.begin(*record);
        const auto before = record->configured;
        {
            const std::lock_guard lock(steps.mutex);
            record->configured = next;
        }
        // Also when the rest fails: what is watched may be another file from now on.
        actions.wake(*record);
        if (next.enabled != before.enabled) actions.setEnabled(*record, next.enabled);
        const auto& applied = record->applied;
        const bool changed = next.library != applied.library || next.settings != applied.settings;
        if (record->enabled && (changed || !record->serving)) actions.startOrSwap(*record);
        if (!record->enabled && record->state != PluginState::Disabled) actions.switchOff(*record);
    }

    /// Takes plugins off that the configuration names no more.
    void forgetMissing(const std::vector<PluginConfiguration>& next) {
        for (const auto& record : records()) {
            const auto& id = record->configured.id;
            if (std::any_of(next.begin(), next.end(), [&](const auto& each) { return each.id == id; })) continue;
            auto acting = actions.begin(*record);
            actions.switchOff(*record);
            forget(*record);
            acting.unlock();
            actions.dismissAttendant(*record);
        }
    }

    /// Drops a record, which nobody is to act on any more. With the right to act.
    void forget(PluginRecord& record) {
        const std::lock_guard lock(steps.mutex);
        record.removed = true;
        std::erase_if(steps.records, [&](const Record& each) { return each.get() == &record; });
    }

    void sortAs(const std::vector<PluginConfiguration>& order) {
        const std::lock_guard lock(steps.mutex);
        std::vector<Record> sorted;
        for (const auto& configuration : order)
            for (auto& record : steps.records)
                if (record && record->configured.id == configuration.id) sorted.push_back(std::move(record));
        steps.records = std::move(sorted);
    }

    /// Lets what was staged serve, without publishing it. Throws PluginError, having discarded it.
    void admit(PluginRecord& record, const SwapSteps::Staging& staging) {
        try {
            steps.admit(record, steps.finishStage(record, staging));
            actions.wake(record);
        } catch (const PluginError& problem) {
            steps.setFailure(record, PluginState::Failed, problem);
            actions.wake(record);
            Poco::Logger::get("plugins").error(problem.what());
            throw;
        }
    }

    /// As if nothing had been started.
    void takeBack(std::vector<Action> begun) {
        for (auto& action : begun) {
            steps.takeOff(*action.record, PluginState::Disabled);
            forget(*action.record);
            action.acting.unlock();
            actions.dismissAttendant(*action.record);
        }
        steps.publish();
    }

    SwapSteps steps;
    PluginActions actions{steps};
    std::mutex configuring;
};

PluginManager::PluginManager(Platform& platform, RouteTableSlot& routes, std::filesystem::path generationsDirectory,
                             SwapSettings settings)
    : implementation_(std::make_unique<Implementation>(platform, routes, generationsDirectory, std::move(settings))) {}

PluginManager::~PluginManager() {
    stopAll(std::chrono::milliseconds(0));
}

void PluginManager::addHostRoutes(std::vector<Route> routes) {
    const auto configuring = implementation_->beginConfiguring();
    implementation_->steps.addHostRoutes(std::move(routes));
}

void PluginManager::onAutomaticAction(AutomaticActionListener listener) {
    implementation_->actions.tellTo(std::move(listener));
}

std::vector<std::string> PluginManager::startAll(std::vector<PluginConfiguration> configurations) {
    auto& self = *implementation_;
    const auto configuring = self.beginConfiguring();
    for (const auto& configuration : configurations) checkPaths(configuration);

    std::vector<Implementation::Action> begun;
    std::vector<std::pair<PluginRecord*, SwapSteps::Staging>> staged;
    for (const auto& configuration : configurations) {
        const auto record = self.actions.add(configuration);
        begun.push_back({record, self.actions.begin(*record)});
        self.steps.setState(*record, configuration.enabled ? PluginState::Starting : PluginState::Disabled);
        if (configuration.enabled)
            staged.emplace_back(
                record.get(), self.steps.beginStage(*record, configuration, LibrarySource::at(configuration.library)));
    }

    std::vector<std::string> failures;
    std::optional<PluginError> unknownSetting;
    for (const auto& [record, staging] : staged) {
        try {
            self.admit(*record, staging);
        } catch (const PluginError& problem) {
            if (problem.code() == "UNKNOWN_SETTING") unknownSetting = problem;
            failures.emplace_back(problem.what());
        }
    }
    if (unknownSetting) {
        self.takeBack(std::move(begun));
        throw *unknownSetting;
    }
    self.steps.publish();
    return failures;
}

void PluginManager::reconfigure(std::vector<PluginConfiguration> next) {
    auto& self = *implementation_;
    const auto configuring = self.beginConfiguring();
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
    self.steps.publish();
    if (first) throw PluginError(first->code(), failures);
}

SwapReport PluginManager::swap(const std::string& id, std::optional<std::filesystem::path> library) {
    const auto [record, acting] = implementation_->beginSwap(id);
    return implementation_->actions.startOrSwap(*record, library);
}

SwapReport PluginManager::rollback(const std::string& id) {
    const auto [record, acting] = implementation_->beginSwap(id);
    if (!record->before)
        throw PluginError("NO_EARLIER_VERSION",
                          "there is no version of plugin \"" + id + "\" to go back to: nothing has replaced it yet");
    return implementation_->actions.goBack(*record, "order");
}

void PluginManager::enable(const std::string& id) {
    const auto [record, acting] = implementation_->begin(id);
    if (record->serving) return;
    implementation_->actions.setEnabled(*record, true);
    implementation_->actions.startOrSwap(*record);
}

void PluginManager::disable(const std::string& id) {
    const auto [record, acting] = implementation_->begin(id);
    implementation_->actions.setEnabled(*record, false);
    implementation_->actions.switchOff(*record);
}

std::vector<PluginStatus> PluginManager::status() const {
    const auto& steps = implementation_->steps;
    std::vector<PluginStatus> all;
    std::vector<std::shared_ptr<Generation>> serving;
    {
        const std::lock_guard lock(steps.mutex);
        for (const auto& record : steps.records) {
            all.push_back(statusOf(*record));
            serving.push_back(record->serving);
        }
    }
    // All at once: the slowest alone decides how long this takes.
    for (const auto& generation : serving)
        if (generation) generation->health().begin();
    for (std::size_t index = 0; index < all.size(); ++index) {
        const auto counts = steps.retired.counts(all[index].id);
        all[index].draining = counts.draining;
        all[index].resident = counts.resident;
        if (serving[index]) all[index].health = serving[index]->health().wait();
    }
    return all;
}

void PluginManager::reconfigure(const SwapSettings& settings) {
    const auto configuring = implementation_->beginConfiguring();
    const std::lock_guard lock(implementation_->steps.mutex);
    implementation_->steps.settings = settings;
}

bool PluginManager::stopAll(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto& self = *implementation_;
    // Running actions end soon now, and no other begins.
    self.steps.shutdown.give();
    const std::lock_guard configuring(self.configuring);
    for (const auto& record : self.records()) {
        self.actions.dismissAttendant(*record);
        const std::lock_guard acting(record->acting);
        if (record->serving) self.steps.takeOff(*record, PluginState::Disabled);
    }
    return self.steps.retired.waitForAll(deadline);
}

}  // namespace playhouse::host
