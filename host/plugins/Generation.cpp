#include "Generation.h"

#include "PluginError.h"

#include "platform/ThrownText.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

class BoundedState final : public StateWriter {
public:
    explicit BoundedState(std::size_t mostBytes) : mostBytes_(mostBytes) {}

    void write(std::span<const std::byte> bytes) override {
        if (bytes.size() > mostBytes_ - bytes_.size())
            throw std::length_error("its state is larger than swap.maximum-state-size = " + std::to_string(mostBytes_) +
                                    " bytes");
        bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }

    std::string take() { return std::move(bytes_); }

private:
    std::size_t mostBytes_;
    std::string bytes_;
};

class SavedState final : public StateReader {
public:
    SavedState(std::uint32_t schema, const std::string& bytes) : schema_(schema), bytes_(bytes) {}
    std::uint32_t schema() const override { return schema_; }
    std::span<const std::byte> bytes() const override { return std::as_bytes(std::span(bytes_)); }

private:
    std::uint32_t schema_;
    const std::string& bytes_;
};

std::shared_ptr<LeaseGate> heldGate(std::size_t mostParked) {
    auto gate = LeaseGate::make(mostParked);
    gate->hold();
    return gate;
}

}  // namespace

template <class Function>
auto Generation::guarded(const char* code, const char* where, Function function) const -> decltype(function()) {
    const auto message = [&](const std::string& text) { return name() + " failed in " + where + ": " + text; };
    try {
        return function();
    } catch (const ApiError& problem) {
        // Of no fault of the plugin's: its start is tried again.
        const bool mayPass = std::string_view(code) == "START_FAILED" && maySucceedLater(problem.code());
        if (mayPass) explainDatabase(message);
        throw PluginError(mayPass ? problem.code() : code, message(problem.what()));
    } catch (const std::exception& problem) {
        throw PluginError(code, message(thrownText(problem)));
    } catch (...) {
        throw PluginError(code, message("it threw something that is no std::exception"));
    }
}

template <class Message>
void Generation::explainDatabase(const Message& message) const {
    try {
        database_.prepare();
    } catch (const MigrationError& problem) {
        throw PluginError(problem.code(), message(problem.what()));
    }
}

template <class Function>
void Generation::logged(const char* where, Function function) const noexcept {
    try {
        guarded("STOP_FAILED", where, function);
    } catch (const std::exception& problem) {
        try {
            PluginLogger(id()).error(problem.what());
        } catch (...) {
            // Logging failed as well; retiring goes on.
        }
    }
}

Generation::Generation(GenerationPlan plan, Platform& platform, const ServiceRegistry& registry,
                       GenerationsDirectory& directory)
    : plan_(std::move(plan)),
      gate_(heldGate(plan_.settings.maximumHeldRequests)),
      database_(platform.database),
      startDeadline_(std::chrono::steady_clock::now() + plan_.settings.startTimeout),
      context_(plan_.configuration.id, plan_.configuration.settings, platform, registry, gate_,
               plan_.settings.holdTimeout),
      directory_(directory),
      health_(id(), gate_, plan_.settings.healthTimeout, [this] { return askHealth(); }) {}

std::shared_ptr<const BoundedCall> Generation::call(const std::string& name, std::function<void()> function) {
    const std::lock_guard lock(callsMutex_);
    std::erase_if(calls_, [](const auto& each) { return each->finished(); });
    return calls_.emplace_back(std::make_shared<const BoundedCall>(name + "-" + id(), std::move(function)));
}

void Generation::watchSaving(std::shared_ptr<const BoundedCall> call) {
    const std::lock_guard lock(callsMutex_);
    saving_ = std::move(call);
}

bool Generation::isSaving() const {
    const std::lock_guard lock(callsMutex_);
    return saving_ && !saving_->finished();
}

bool Generation::isQuiet() const {
    if (isSaving() || health_.isRunning()) return false;
    const std::lock_guard lock(callsMutex_);
    return std::all_of(calls_.begin(), calls_.end(), [](const auto& call) { return call->finished(); });
}

void Generation::prepare() {
    const StartedThreads threads;
    threads_ = threads.traces();
    library_ = std::make_unique<PluginLibrary>(plan_.library, id(), directory_, plan_.settings.trust.get());
    keptLibrary_ = std::make_shared<const KeptLibrary>(library_->privateCopy());
    const auto& descriptor = library_->descriptor();
    version_ = descriptor.version;
    migrate(descriptor);
    plugin_ = guarded("START_FAILED", "its constructor", descriptor.create);
    if (!plugin_) throw PluginError("START_FAILED", name() + " failed to create its plugin object: null");

    guarded("START_FAILED", "start()", [this] {
        context_.beginStart();
        try {
            plugin_->start(context_);
        } catch (...) {
            context_.endStart();
            throw;
        }
        context_.endStart();
    });
    started_ = true;

    if (const auto unknown = context_.settings().describeUnread(); !unknown.empty())
        throw PluginError("UNKNOWN_SETTING", name() + ": " + unknown);
    stateSchema_ = guarded("START_FAILED", "stateSchema()", [this] { return plugin_->stateSchema(); });
    if (const auto state = askHealth(); state.status == Health::Status::Down)
        throw PluginError("UNHEALTHY", name() + " started, but says that it cannot serve: " + state.detail);
}

void Generation::migrate(const PluginDescriptor& descriptor) {
    using Steady = std::chrono::steady_clock;
    const MigrationOwner owner{id(), version_};
    struct AtTheEnd {
        std::atomic<bool>& isChanging;
        ~AtTheEnd() { isChanging = false; }
    } const atTheEnd{isChangingTables_};
    try {
        const auto need = database_.needOf(owner, descriptor.migrations);
        if (need == HostDatabase::Need::Nothing) return;
        const auto holdTimeout = plan_.settings.holdTimeout;
        startDeadline_ = Steady::now() + holdTimeout + database_.settings().migrationTimeout;
        if (need == HostDatabase::Need::IncompatibleMigrations && plan_.before) {
            isChangingTables_ = true;
            plan_.before->hold(holdTimeout, name());
        }
        database_.migrate(owner, descriptor.migrations);
        startDeadline_ = Steady::now() + plan_.settings.startTimeout;
    } catch (const MigrationError& problem) {
        throw PluginError(problem.code(), problem.what());
    }
}

std::string Generation::problemWithTables() const {
    try {
        static_cast<void>(database_.needOf({id(), version_}, library_->descriptor().migrations));
        return {};
    } catch (const MigrationError& problem) {
        return problem.what();
    }
}

Health Generation::askHealth() const noexcept {
    Health health{Health::Status::Down, "its health() failed"};
    logged("health()", [&] {
        try {
            health = plugin_->health();
        } catch (const std::exception& problem) {
            health.detail += ": " + thrownText(problem);
            throw;
        } catch (...) {
            health.detail += ": it threw something that is no std::exception";
            throw;
        }
    });
    return health;
}

std::string Generation::saveState() const {
    BoundedState state(plan_.settings.maximumStateSize);
    guarded("STATE_REFUSED", "saveState()", [&] { plugin_->saveState(state); });
    return state.take();
}

void Generation::loadState(std::uint32_t schema, const std::string& bytes) {
    const SavedState state(schema, bytes);
    guarded("STATE_REFUSED", "loadState()", [&] { plugin_->loadState(state); });
}

PluginLibrary::Ending Generation::retire() noexcept {
    if (plugin_ && started_) logged("stop()", [this] { plugin_->stop(); });
    logged("the destructors of its handlers", [this] { context_.revoke(); });
    if (plugin_) {
        const auto destroy = library_->descriptor().destroy;
        logged("its destructor", [&] { destroy(plugin_); });
        plugin_ = nullptr;
    }
    if (!library_) return PluginLibrary::Ending::Unloaded;
    const auto left = StartedThreads::left(threads_);
    if (left.none()) return library_->close();
    logged("stop()", [&] {
        const auto whose = !left.problem.empty() ? left.problem
                           : left.own > 0
                               ? "it left " + std::to_string(left.own) + " threads of its own running"
                               : std::to_string(left.perhaps) +
                                     " threads run that a handler or a task, its own or another plugin's, has started";
        throw std::runtime_error(whose +
                                 ", so its library stays in memory; give their work to tasks(), or join them "
                                 "in stop()");
    });
    return library_->abandon();
}

void Generation::releaseThreads() {
    health_.releaseThread();
    const std::lock_guard lock(callsMutex_);
    calls_.clear();
    saving_.reset();
}

std::string Generation::name() const {
    return "plugin \"" + id() + "\"" + (version_.empty() ? "" : " " + version_);
}

}  // namespace playhouse::host
