#pragma once

#include "Attendant.h"
#include "Generation.h"
#include "LibraryWatch.h"
#include "PluginConfiguration.h"
#include "PluginStatus.h"
#include "Probation.h"

#include "platform/BackOff.h"

#include <chrono>
#include <cstdint>
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
    double errorShare = 0;  ///< of its answers, from 0 to 1
    bool proven = false;    ///< stood its probation, or needed none
};

/// The probation of the generation that serves.
struct Trial {
    Probation probation;
    std::chrono::steady_clock::time_point until;
    std::chrono::system_clock::time_point shownUntil;
};

/// What the manager knows of one plugin.
struct PluginRecord {
    /// Held by the one action on this plugin that runs, which alone changes what follows, with SwapSteps::mutex held as
    /// well; so that the action reads it freely, and others with SwapSteps::mutex.
    std::mutex acting;

    PluginConfiguration configured;  ///< as the configuration last said, whether that could be done or not
    PluginConfiguration applied;     ///< what of it was done last
    bool enabled = false;            ///< as the configuration or an operator last said
    bool removed = false;            ///< from the configuration: no action is possible any more
    PluginState state = PluginState::Disabled;
    std::shared_ptr<Generation> serving;
    std::optional<EarlierVersion> before;
    std::vector<std::string> routes;         ///< of what serves: "GET /stream/videos"
    std::vector<std::string> knownPatterns;  ///< of the last generation that served
    std::string error;
    bool mayStartLater = false;  ///< could not start for a reason that may pass: the attendant tries again
    std::string knownFailure;    ///< while a start is tried again: why it failed before, which was told then
    std::weak_ptr<const BoundedCall> lateStart;  ///< that took too long; while it runs, none is tried beside it
    std::string notice;
    std::uint64_t lastNumber = 0;
    std::uint64_t swaps = 0;
    std::chrono::system_clock::time_point since;

    /// Of what serves; changed by the attendant as well, with SwapSteps::mutex held.
    RecentAnswers recent;
    std::optional<Trial> trial;
    bool proven = false;  ///< it stood its probation, or needed none

    /// For the attendant's thread alone.
    std::optional<LibraryWatch> watch;
    std::chrono::steady_clock::time_point nextHealth{};
    BackOff startPauses{std::chrono::milliseconds(250), std::chrono::seconds(30)};
    std::optional<std::chrono::steady_clock::time_point> nextStart;

    /// Looks after the plugin; the last member, so that it ends before what it looks at.
    std::unique_ptr<Attendant> attendant;
};

/// What there is to show of it, but for its health and its retired generations. With SwapSteps::mutex held.
PluginStatus statusOf(const PluginRecord& record);

}  // namespace playhouse::host
