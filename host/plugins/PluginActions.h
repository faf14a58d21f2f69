#pragma once

#include "AutomaticAction.h"
#include "PluginRecord.h"
#include "SwapSteps.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace playhouse::host {

/// What can be done with one plugin, whoever orders it: an operator, the configuration, or the plugin's attendant,
/// which judges probations and watches libraries.
class PluginActions {
public:
    explicit PluginActions(SwapSteps& steps) : steps_(steps) {}

    /// Tells `listener` what attendants do. Before there is any plugin.
    void tellTo(AutomaticActionListener listener) { listener_ = std::move(listener); }

    /// Throws PluginError PLUGIN_NOT_FOUND.
    std::shared_ptr<PluginRecord> recordOf(const std::string& id) const;

    /// A new record with its attendant, off. The attendant is missing, and that logged, when there is no thread for it.
    std::shared_ptr<PluginRecord> add(const PluginConfiguration& configuration);

    /// The right to act on that plugin, once nobody else does. Throws PluginError STOPPED, or PLUGIN_NOT_FOUND when it
    /// is configured no more.
    std::unique_lock<std::mutex> begin(PluginRecord& record) const;

    // With that right. Each throws PluginError, and what served before serves on, unless an incompatible migration has
    // changed its tables.

    /// Starts the plugin as it is configured, or swaps what serves; from the configured library, or from another.
    SwapReport startOrSwap(PluginRecord& record, const std::optional<std::filesystem::path>& library = std::nullopt);

    /// Goes back to the version before, which there must be. `cause` is for the metric: "order", "errors", "health".
    SwapReport goBack(PluginRecord& record, std::string_view cause);

    void switchOff(PluginRecord& record);
    void setEnabled(PluginRecord& record, bool enabled);

    /// Makes the attendant look soon, and tries to have one where it is missing.
    void wake(PluginRecord& record);

    /// Waits for the attendant, and for the action that it may be in. Without the right to act.
    void dismissAttendant(PluginRecord& record) const;

private:
    struct Fault {
        std::string_view cause;
        std::string reason;
    };

    SwapReport replace(PluginRecord& record, const PluginConfiguration& configuration, const LibrarySource& library,
                       const EarlierVersion* goingBackTo);

    Attendant::Time attend(PluginRecord& record);
    void watchLibrary(PluginRecord& record, Attendant::Time now);
    void swapRebuilt(PluginRecord& record, const FileMark& mark);
    void startAgain(PluginRecord& record, Attendant::Time now);
    bool isTimeToStart(PluginRecord& record, Attendant::Time now);
    void judge(PluginRecord& record, Attendant::Time now);
    void pass(PluginRecord& record, const std::shared_ptr<Generation>& judged);
    void fail(PluginRecord& record, const std::shared_ptr<Generation>& judged, const Fault& fault);

    /// Runs what an attendant does, and tells the listener of it; with the right to act. Throws what `act` throws.
    void byItself(PluginRecord& record, AutomaticAction told, const std::function<void()>& act);

    SwapSteps& steps_;
    AutomaticActionListener listener_;
};

}  // namespace playhouse::host
