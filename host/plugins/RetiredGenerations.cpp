#include "RetiredGenerations.h"

#include "BoundedCall.h"
#include "Generation.h"

#include "platform/HostThread.h"
#include "platform/ThrownText.h"

#include <Poco/Logger.h>
#include <Poco/Runnable.h>
#include <Poco/Thread.h>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace playhouse::host {
namespace {

/// How often a waiting thread looks whether it is still wanted.
constexpr std::chrono::milliseconds attention{50};

/// How soon a thread that could not be had is asked for again.
constexpr std::chrono::milliseconds threadPatience{1000};

Poco::Logger& logger() {
    return Poco::Logger::get("plugins");
}

std::string describe(const Generation& generation) {
    return "generation " + std::to_string(generation.number()) + " of plugin \"" + generation.id() + "\"";
}

}  // namespace

struct RetiredGenerations::Shared {
    struct Retired final : public Poco::Runnable {
        Shared* shared = nullptr;
        std::chrono::milliseconds drainTimeout{};
        std::shared_ptr<Generation> generation;
        std::unique_ptr<Poco::Thread> thread;
        Outcome outcome = Outcome::Waiting;
        bool resident = false;

        void run() override {
            const HostThread self(Poco::Thread::current()->getName());
            shared->end(*this);
        }
    };

    std::mutex mutex;
    std::condition_variable progress;
    std::list<Retired> retired;
    bool abandoned = false;
    std::function<void(const std::string&, Counts)> changed;

    Counts count(const std::string& pluginId) const {
        Counts counts;
        for (const auto& item : retired) {
            if (item.generation->id() != pluginId) continue;
            if (item.resident)
                ++counts.resident;
            else if (item.outcome == Outcome::Waiting)
                ++counts.draining;
        }
        return counts;
    }

    /// With the mutex held.
    void report(const std::string& pluginId) {
        if (!abandoned) changed(pluginId, count(pluginId));
        progress.notify_all();
    }

    /// False when the wait was given up.
    bool waitForLastWork(Retired& item) {
        const auto deadline = std::chrono::steady_clock::now() + item.drainTimeout;
        auto& generation = *item.generation;
        while (true) {
            const auto idle = generation.gate()->waitUntilIdle(std::chrono::steady_clock::now() + attention);
            if (idle && generation.isQuiet()) return true;
            std::unique_lock lock(mutex);
            // Idle, but a call into the plugin has not returned: nothing announces that it does.
            if (idle) progress.wait_for(lock, attention, [this] { return abandoned; });
            if (abandoned) return false;
            if (item.resident || std::chrono::steady_clock::now() < deadline) continue;
            markResident(item, idle ? "a call into it does not return"
                                    : std::to_string(generation.gate()->leases()) + " uses of it do not end");
        }
    }

    /// With the mutex held.
    void markResident(Retired& item, const std::string& reason) {
        item.resident = true;
        report(item.generation->id());
        logger().warning(describe(*item.generation) + " stays in memory: " + reason);
    }

    /// With the mutex held. Without a thread it stays, to be begun again.
    void begin(Retired& item) {
        const auto id = item.generation->id();
        auto thread = std::make_unique<Poco::Thread>("retire-" + id);
        try {
            thread->start(item);
        } catch (const std::exception& problem) {
            if (!item.resident) markResident(item, "nothing can end it: " + thrownText(problem));
            return;
        }
        item.thread = std::move(thread);
        item.resident = false;
        report(id);
    }

    /// With the mutex held.
    void beginWhatIsLeft() {
        for (auto& item : retired)
            if (!item.thread) begin(item);
    }

    /// Waits for a thread when there is none to be had; nothing when that was given up.
    std::unique_ptr<const BoundedCall> callRetire(Retired& item, const std::function<void()>& retire) {
        while (true) {
            try {
                return std::make_unique<const BoundedCall>("stop-" + item.generation->id(), retire);
            } catch (const std::exception& problem) {
                std::unique_lock lock(mutex);
                if (!item.resident) markResident(item, "nothing can stop it: " + thrownText(problem));
                if (progress.wait_for(lock, threadPatience, [this] { return abandoned; })) return nullptr;
            }
        }
    }

    /// Nothing when the wait was given up, while the plugin's stop() or destructor runs.
    std::optional<PluginLibrary::Ending> stop(Retired& item) {
        auto& generation = *item.generation;
        const auto timeout = generation.settings().stopTimeout;
        const auto ending = std::make_shared<PluginLibrary::Ending>();
        const auto call = callRetire(item, [&generation, ending] { *ending = generation.retire(); });
        if (!call) return std::nullopt;
        const auto deadline = std::chrono::steady_clock::now() + timeout;
        while (!call->waitUntil(std::chrono::steady_clock::now() + attention)) {
            const std::lock_guard lock(mutex);
            if (abandoned) return std::nullopt;
            if (!item.resident && std::chrono::steady_clock::now() >= deadline)
                markResident(item,
                             "it did not stop within swap.stop-timeout = " + std::to_string(timeout.count()) + " ms");
        }
        return *ending;
    }

    void end(Retired& item) {
        if (!waitForLastWork(item)) return;
        const auto ending = stop(item);
        if (!ending) return;
        item.generation->releaseThreads();
        const std::lock_guard lock(mutex);
        item.resident = ending == PluginLibrary::Ending::StillMapped;
        item.outcome = ending == PluginLibrary::Ending::Unloaded ? Outcome::Unloaded : Outcome::Mapped;
        if (abandoned) return;
        if (item.resident)
            logger().warning(describe(*item.generation) + " has ended, but something keeps its library in memory");
        report(item.generation->id());
    }

    /// Forgets what has ended, with the mutex held.
    void sweep() {
        std::erase_if(retired, [](Retired& item) {
            if (item.outcome == Outcome::Waiting || item.resident) return false;
            item.thread->join();
            return true;
        });
    }
};

RetiredGenerations::RetiredGenerations(std::function<void(const std::string&, Counts)> changed)
    : shared_(std::make_shared<Shared>()) {
    shared_->changed = std::move(changed);
}

RetiredGenerations::~RetiredGenerations() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->abandoned = true;
        shared_->progress.notify_all();
        if (shared_->retired.empty()) return;
    }
    // Threads that only wait end by themselves; one inside a plugin may not. Either way nothing of a generation that
    // has not ended may be destroyed.
    static std::mutex mutex;
    static auto* const left = new std::vector<std::shared_ptr<Shared>>;
    for (auto& item : shared_->retired)
        if (item.thread && item.thread->tryJoin(2 * attention.count())) item.thread.reset();
    const std::lock_guard lock(mutex);
    left->push_back(shared_);
}

void RetiredGenerations::add(std::shared_ptr<Generation> generation, std::chrono::milliseconds drainTimeout) {
    const std::lock_guard lock(shared_->mutex);
    shared_->sweep();
    auto& item = shared_->retired.emplace_back();
    item.generation = std::move(generation);
    item.shared = shared_.get();
    item.drainTimeout = drainTimeout;
    shared_->beginWhatIsLeft();
}

RetiredGenerations::Outcome RetiredGenerations::wait(const Generation& generation,
                                                     std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(shared_->mutex);
    // Looked up each time: what has ended may be forgotten meanwhile.
    const auto outcome = [&] {
        const auto& retired = shared_->retired;
        const auto item = std::find_if(retired.begin(), retired.end(),
                                       [&](const auto& each) { return each.generation.get() == &generation; });
        return item == retired.end() ? Outcome::Unloaded : item->outcome;
    };
    shared_->progress.wait_until(lock, deadline, [&] { return outcome() != Outcome::Waiting; });
    return outcome();
}

bool RetiredGenerations::waitForAll(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(shared_->mutex);
    const auto allEnded = [this] {
        const auto& retired = shared_->retired;
        return std::all_of(retired.begin(), retired.end(),
                           [](const auto& item) { return item.outcome != Outcome::Waiting; });
    };
    shared_->beginWhatIsLeft();
    if (!shared_->progress.wait_until(lock, deadline, allEnded)) return false;
    shared_->sweep();
    return true;
}

RetiredGenerations::Counts RetiredGenerations::counts(const std::string& pluginId) const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->count(pluginId);
}

}  // namespace playhouse::host
