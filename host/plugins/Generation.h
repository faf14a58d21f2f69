#pragma once

#include "BoundedCall.h"
#include "GenerationContext.h"
#include "HealthCheck.h"
#include "HeldRequests.h"
#include "KeptLibrary.h"
#include "LibraryWatch.h"
#include "PluginConfiguration.h"
#include "PluginLibrary.h"
#include "StartedThreads.h"
#include "SwapSettings.h"

#include "routing/AnswerCounts.h"
#include "routing/LeaseGate.h"

#include <playhouse/Plugin.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

/// What a generation is made from.
struct GenerationPlan {
    PluginConfiguration configuration;
    LibrarySource library;
    FileMark mark;  ///< of the file that `library` came from, before it was read
    std::uint64_t number = 1;
    SwapSettings settings;
    std::shared_ptr<HeldRequests> before{};  ///< of the version that serves; null when none does
};

/// One loaded plugin with all that it registered. Whatever the plugin throws ends here and becomes a PluginError or a
/// log line, whose text is the host's.
///
/// Its gate is held until the manager publishes it, so that its tasks wait too. It ends with retire(), to be called
/// when its gate is closed and idle and no call() runs; one that is never retired must never be destroyed.
class Generation {
public:
    /// What is given by reference must outlive the generation.
    Generation(GenerationPlan plan, Platform& platform, const ServiceRegistry& registry,
               GenerationsDirectory& directory);
    Generation(const Generation&) = delete;
    Generation& operator=(const Generation&) = delete;

    const std::string& id() const noexcept { return plan_.configuration.id; }
    std::uint64_t number() const noexcept { return plan_.number; }
    const std::filesystem::path& origin() const noexcept { return plan_.library.origin; }
    const FileMark& mark() const noexcept { return plan_.mark; }
    const PluginConfiguration& configuration() const noexcept { return plan_.configuration; }
    const SwapSettings& settings() const noexcept { return plan_.settings; }
    const std::shared_ptr<LeaseGate>& gate() const noexcept { return gate_; }
    const std::shared_ptr<AnswerCounts>& answers() const noexcept { return answers_; }

    /// Runs `function` on a thread of its own; it must make no other call() of this generation.
    std::shared_ptr<const BoundedCall> call(const std::string& name, std::function<void()> function);

    /// Counts a call of another generation, which saves this one's state, as one of this.
    void watchSaving(std::shared_ptr<const BoundedCall> call);

    /// Whether such a call runs still.
    bool isSaving() const;

    /// Whether nothing that was asked of the plugin in call(), watchSaving() or health() runs any more. Safe from any
    /// thread.
    bool isQuiet() const;

    /// Loads the library, brings its tables up to date, creates the plugin, starts it, and asks for its state's schema
    /// and its health. Throws PluginError.
    ///
    /// A migration that the version that serves cannot work with runs while requests to that are held; they are held
    /// still when this returns then.
    void prepare();

    /// When prepare() is late: `swap.start-timeout` after it began or, when there are migrations, after these have
    /// ended, for which `database.migration-timeout` is. Any thread.
    std::chrono::steady_clock::time_point startDeadline() const noexcept { return startDeadline_; }

    /// Of the version before; null when there is none.
    HeldRequests* heldRequests() const noexcept { return plan_.before.get(); }

    /// Whether prepare() is at migrations that the version before cannot work with. Any thread.
    bool isChangingTables() const noexcept { return isChangingTables_; }

    // After prepare():

    /// Why it cannot work on its tables as they are now, or that this cannot be known; empty when it can. Any thread.
    std::string problemWithTables() const;

    const std::string& version() const noexcept { return version_; }
    const std::deque<Route>& routes() const noexcept { return context_.registeredRoutes(); }
    const ServiceRegistry::Offers& offers() const noexcept { return context_.offers(); }

    /// Its subscriptions, for who publishes it.
    PluginBus& bus() noexcept { return context_.bus(); }

    /// Its library, to be loaded once more.
    const std::shared_ptr<const KeptLibrary>& keptLibrary() const noexcept { return keptLibrary_; }

    /// What the plugin says of itself, within `swap.health-timeout`. Safe from any thread: it takes the lease it needs.
    HealthCheck& health() noexcept { return health_; }

    std::optional<std::uint32_t> stateSchema() const noexcept { return stateSchema_; }

    /// While the gate is held and idle. Each throws PluginError.
    std::string saveState() const;
    void loadState(std::uint32_t schema, const std::string& bytes);

    /// Stops and destroys the plugin and all it registered, and unloads its library.
    PluginLibrary::Ending retire() noexcept;

    /// After retire(): gives back the threads of calls, which have ended, also when the generation itself stays.
    void releaseThreads();

private:
    /// "plugin \"chat\" 1.2.0", for messages.
    std::string name() const;

    void migrate(const PluginDescriptor& descriptor);

    /// Down when the plugin throws.
    Health askHealth() const noexcept;

    /// Calls into the plugin; what it throws becomes PluginError `code`, "... failed in start(): <its text>".
    template <class Function>
    auto guarded(const char* code, const char* where, Function function) const -> decltype(function());

    /// Throws PluginError with the reason when it is the host itself that cannot use the database: clients, and so
    /// plugins, are told no more than that.
    template <class Message>
    void explainDatabase(const Message& message) const;

    /// As guarded(), but a failure is only logged.
    template <class Function>
    void logged(const char* where, Function function) const noexcept;

    GenerationPlan plan_;
    std::shared_ptr<LeaseGate> gate_;
    std::shared_ptr<AnswerCounts> answers_ = std::make_shared<AnswerCounts>();
    HostDatabase& database_;
    std::atomic<std::chrono::steady_clock::time_point> startDeadline_;
    std::atomic<bool> isChangingTables_{false};
    GenerationContext context_;
    GenerationsDirectory& directory_;
    std::unique_ptr<PluginLibrary> library_;
    std::shared_ptr<const KeptLibrary> keptLibrary_;
    Plugin* plugin_ = nullptr;
    std::string version_;
    StartedThreads::Traces threads_;
    std::optional<std::uint32_t> stateSchema_;
    bool started_ = false;
    HealthCheck health_;

    mutable std::mutex callsMutex_;
    std::vector<std::shared_ptr<const BoundedCall>> calls_;
    std::shared_ptr<const BoundedCall> saving_;
};

}  // namespace playhouse::host
