#pragma once

#include "AnswerCounts.h"
#include "LeaseGate.h"
#include "RoutePattern.h"

#include <playhouse/Router.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse::host {

/// What a route for channels has agreed to, copied so that it can be read without a lease.
struct ChannelTerms {
    ChannelRoute::Protocol protocol;
    ChannelOptions options;
};

/// One route in a table. All but `route` belongs to the host and can be read freely, and `options` are without the
/// plugin's functions; `route` belongs to the generation and may be followed only while a lease of `gate` is held.
struct RouteEntry {
    Method method = Method::Get;
    RoutePattern pattern;
    RouteOptions options;
    std::string pluginId;
    std::shared_ptr<LeaseGate> gate;
    const Route* route = nullptr;
    std::size_t index = 0;  ///< in RouteTable::entries(); set by the builder

    std::shared_ptr<AnswerCounts> answers{};        ///< of the generation; null for routes of the host
    std::shared_ptr<const ChannelTerms> channel{};  ///< null for ordinary routes; set by the builder

    /// Not for everybody, limited, or for channels, whose token may stand in the query; set by the builder.
    bool isGuarded = false;
};

/// Two plugins that claim the same path and method; the text names both and the pattern.
class RouteCollision : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// All that the server answers at one moment: which generation serves which path. Immutable once built; read by every
/// loop without a lock.
class RouteTable {
public:
    struct Match {
        const RouteEntry* entry = nullptr;            ///< null: no route of this method
        std::vector<Method> allowedMethods;           ///< when entry is null: what the path does answer
        const std::string* disabledPlugin = nullptr;  ///< when the path belongs to a plugin that is switched off
    };

    /// What the table is built from.
    class Builder {
    public:
        /// Throws RouteCollision.
        void add(RouteEntry entry);

        /// Requests to `pattern` that no route answers get 503 SERVICE_DISABLED, naming `pluginId`.
        void addDisabled(const std::string& pattern, const std::string& pluginId);

        std::shared_ptr<const RouteTable> build() &&;

    private:
        friend class RouteTable;
        std::vector<RouteEntry> entries_;
        std::vector<std::pair<RoutePattern, std::string>> disabled_;
    };

    RouteTable(const RouteTable&) = delete;
    RouteTable& operator=(const RouteTable&) = delete;
    ~RouteTable();

    /// Every route, in the order in which they were added.
    const std::vector<RouteEntry>& entries() const noexcept { return entries_; }

    /// The route of `path` (decoded, beginning with "/"), and its parameters' texts into `parameters`. HEAD finds GET.
    Match match(Method method, std::string_view path,
                std::vector<std::pair<std::string, std::string>>& parameters) const;

private:
    struct Node;
    RouteTable();

    std::vector<RouteEntry> entries_;
    std::vector<std::pair<RoutePattern, std::string>> disabled_;
    std::unique_ptr<Node> root_;
    std::unique_ptr<Node> disabledRoot_;
};

/// Where the current table stands. Publishing replaces it in one step; each reader keeps a snapshot and renews it when
/// the version has moved.
class RouteTableSlot {
public:
    /// Safe from any thread.
    void publish(std::shared_ptr<const RouteTable> table);

    /// Calls the listener as publish() does: a gate is held, and what waits inside may leave.
    void announceHold();

    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

    /// From now on `listener` is called after each publish() and announceHold(), on its thread; an empty one ends that.
    /// One at a time.
    void listen(std::function<void()> listener);

    /// The newest table with its version; never null after the first publish().
    std::pair<std::shared_ptr<const RouteTable>, std::uint64_t> current() const;

private:
    std::atomic<std::uint64_t> version_{0};
    mutable std::mutex mutex_;
    std::shared_ptr<const RouteTable> table_;
    std::mutex listening_;
    std::function<void()> listener_;
};

}  // namespace playhouse::host
