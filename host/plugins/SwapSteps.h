#pragma once

#include "Generation.h"
#include "GenerationsDirectory.h"
#include "ManagerFigures.h"
#include "PluginConfiguration.h"
#include "PluginError.h"
#include "PluginRecord.h"
#include "PluginStatus.h"
#include "Publication.h"
#include "RetiredGenerations.h"
#include "ShutdownNotice.h"
#include "SwapSettings.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace playhouse::host {

/// The steps that actions on plugins are made of. Actions on different plugins may run at once; each holds
/// PluginRecord::acting of its own.
///
/// `mutex` guards the records and the settings; what is published changes one at a time, in the steps themselves.
class SwapSteps {
public:
    SwapSteps(Platform& platform, RouteTableSlot& routes, const std::filesystem::path& generationsDirectory,
              SwapSettings swapSettings);

    /// A generation that is being loaded and started, on a thread of its own.
    struct Staging {
        std::shared_ptr<Generation> generation;
        std::shared_ptr<const BoundedCall> call;
        std::optional<PluginError> problem;  ///< it could not even begin; there is no generation then
    };

    /// Throws nothing: what goes wrong is for finishStage().
    Staging beginStage(PluginRecord& record, const PluginConfiguration& configuration, const LibrarySource& library);

    /// Waits for it. Throws PluginError when it cannot serve; the generation is discarded then.
    std::shared_ptr<Generation> finishStage(PluginRecord& record, const Staging& staging);

    /// How one generation replaces another.
    struct Replacement {
        std::chrono::steady_clock::time_point began;
        bool movesState = true;                       ///< when both keep some
        const EarlierVersion* goingBackTo = nullptr;  ///< at a rollback
    };

    /// Puts `next`, which is prepared, in the place of what serves, and publishes it. Throws PluginError, having
    /// discarded it; nothing serves then when an incompatible migration was applied.
    SwapReport replaceBy(PluginRecord& record, const std::shared_ptr<Generation>& next, const Replacement& how);

    /// Lets `next`, which is prepared, serve; clients see it at the next publish(). Throws PluginError, having
    /// discarded it.
    void admit(PluginRecord& record, const std::shared_ptr<Generation>& next);

    /// Publishes each record as it stands.
    void publish();

    /// Adds routes of the host's own; see Publication.
    void addHostRoutes(std::vector<Route> routes);

    /// Takes what serves out of service, into `state`.
    void takeOff(PluginRecord& record, PluginState state);

    void setState(PluginRecord& record, PluginState state, std::string error = {});

    /// As setState(), for a version that could not be brought into service.
    void setFailure(PluginRecord& record, PluginState state, const PluginError& problem);

    bool databaseIsUp() const { return platform_.database.isUp(); }

    mutable std::mutex mutex;
    std::vector<std::shared_ptr<PluginRecord>> records;
    SwapSettings settings;
    ShutdownNotice shutdown;
    ManagerFigures figures;
    RetiredGenerations retired;

private:
    static Publication::Part partOf(const PluginRecord& record, std::shared_ptr<Generation> generation);

    /// The table in which `next` stands for its plugin, or in which the plugin is off when `next` is null. Throws
    /// PluginError. With `publishing_` held.
    std::shared_ptr<const RouteTable> tableWith(const PluginRecord& changed,
                                                const std::shared_ptr<Generation>& next) const;

    std::vector<Publication::Part> parts() const;

    /// With `publishing_` held, and a table that holds `next` about to be published.
    void letServe(PluginRecord& record, const std::shared_ptr<Generation>& next, const EarlierVersion* goingBackTo);

    /// Retires a generation that never served. Takes what serves out of service when its tables have changed beyond it,
    /// and returns why; else empty.
    std::string discard(PluginRecord& record, const std::shared_ptr<Generation>& generation);

    /// Calls `step`, which may throw PluginError; `generation` is discarded then.
    template <class Step>
    void discardUnless(const Step& step, PluginRecord& record, const std::shared_ptr<Generation>& generation) {
        try {
            step();
        } catch (const PluginError& problem) {
            const auto lost = discard(record, generation);
            if (lost.empty()) throw;
            throw PluginError(problem.code(), problem.what() + lost);
        } catch (...) {
            discard(record, generation);
            throw;
        }
    }

    /// Whether that retired generation is gone within `swap.report-patience`.
    bool waitUntilUnloaded(const Generation& generation);

    Platform& platform_;
    GenerationsDirectory directory_;
    mutable std::mutex publishing_;
    Publication publication_;
};

}  // namespace playhouse::host
