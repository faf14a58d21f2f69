#pragma once

#include "Generation.h"
#include "GenerationsDirectory.h"
#include "ManagerFigures.h"
#include "PluginConfiguration.h"
#include "PluginStatus.h"
#include "Publication.h"
#include "RetiredGenerations.h"
#include "SwapSettings.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

/// The version of a plugin that served before, and can again.
struct EarlierVersion {
    std::string version;
    PluginConfiguration configuration;
    std::shared_ptr<const KeptLibrary> library;
    std::filesystem::path origin;
};

/// What the manager knows of one plugin. Changed by actions, with SwapSteps::mutex held.
struct PluginRecord {
    PluginConfiguration configured;  ///< as the configuration last said and could be done
    bool enabled = false;            ///< as the configuration or an operator last said
    PluginState state = PluginState::Disabled;
    std::shared_ptr<Generation> serving;
    std::optional<EarlierVersion> before;
    std::vector<std::string> knownPatterns;  ///< of the last generation that served
    std::string error;
    std::uint64_t lastNumber = 0;
    std::uint64_t swaps = 0;
    std::chrono::system_clock::time_point since;
};

/// The steps that actions on plugins are made of. One action at a time; `mutex` guards the records against readers.
class SwapSteps {
public:
    SwapSteps(Platform& platform, RouteTableSlot& routes, const std::filesystem::path& generationsDirectory,
              SwapSettings swapSettings);

    /// A generation that is being loaded and started, on a thread of its own.
    struct Staging {
        std::shared_ptr<Generation> generation;
        std::shared_ptr<const BoundedCall> call;
        BoundedCall::Time deadline;
    };

    Staging beginStage(PluginRecord& record, const PluginConfiguration& configuration, const LibrarySource& library);

    /// Waits for it. Throws PluginError when it cannot serve; the generation is discarded then.
    std::shared_ptr<Generation> finishStage(const Staging& staging);

    /// The table in which `next` stands for its plugin, or in which the plugin is off when `next` is null.
    std::shared_ptr<const RouteTable> tableWith(const PluginRecord& changed, std::shared_ptr<Generation> next) const;

    /// The table in which each record stands as it does now.
    std::shared_ptr<const RouteTable> currentTable() const;

    /// Puts `next`, which is prepared, in the place of what serves. Throws PluginError, having discarded it.
    SwapReport replaceBy(PluginRecord& record, const std::shared_ptr<Generation>& next,
                         std::chrono::steady_clock::time_point began);

    /// Lets `next` serve; a table that holds it is to be published at once.
    void letServe(PluginRecord& record, const std::shared_ptr<Generation>& next);

    /// Retires a generation that never served.
    void discard(const std::shared_ptr<Generation>& generation);

    /// Calls `step`, which may throw PluginError; `generation` is discarded then.
    template <class Step>
    void discardUnless(const Step& step, const std::shared_ptr<Generation>& generation) {
        try {
            step();
        } catch (...) {
            discard(generation);
            throw;
        }
    }

    /// Takes what serves out of service, into `state`.
    void takeOff(PluginRecord& record, PluginState state);

    void setState(PluginRecord& record, PluginState state, std::string error = {});

    std::vector<Publication::Part> parts() const;

    mutable std::mutex mutex;
    std::vector<std::unique_ptr<PluginRecord>> records;
    SwapSettings settings;
    Publication publication;
    ManagerFigures figures;
    RetiredGenerations retired;

private:
    static Publication::Part partOf(const PluginRecord& record, std::shared_ptr<Generation> generation);

    Platform& platform_;
    GenerationsDirectory directory_;
};

}  // namespace playhouse::host
