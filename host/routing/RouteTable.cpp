#include "RouteTable.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

namespace playhouse::host {

namespace {

using Kind = RoutePattern::Segment::Kind;

/// What stands at the end of a pattern: routes by index, or a disabled plugin's pattern by index.
using Indexes = std::vector<std::size_t>;

}  // namespace

/// One place in the tree of segments.
struct RouteTable::Node {
    struct ParameterChild {
        std::string prefix;
        std::string suffix;
        std::unique_ptr<Node> node;
    };

    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::vector<ParameterChild> parameters;  // the longest literal text first
    Indexes here;
    Indexes rest;

    void insert(const RoutePattern& pattern, std::size_t index) {
        Node* node = this;
        for (const auto& segment : pattern.segments()) {
            if (segment.kind == Kind::Rest) {
                node->rest.push_back(index);
                return;
            }
            node = segment.kind == Kind::Literal ? node->literal(segment.prefix) : node->parameter(segment);
        }
        node->here.push_back(index);
    }

    /// Calls `visit` with the indexes of each pattern that matches `path` (the part after a "/"), the most specific
    /// first, until it returns true. `captured` holds the parameters' texts then.
    template <class Visit>
    bool find(std::string_view path, std::vector<std::string_view>& captured, const Visit& visit) const {
        const auto slash = path.find('/');
        const auto segment = path.substr(0, slash);
        const bool isLast = slash == std::string_view::npos;
        const auto after = isLast ? std::string_view() : path.substr(slash + 1);
        const auto descend = [&](const Node& child) {
            return isLast ? (!child.here.empty() && visit(child.here)) : child.find(after, captured, visit);
        };
        if (const auto found = literals.find(segment); found != literals.end() && descend(*found->second)) return true;
        for (const auto& child : parameters) {
            if (segment.size() <= child.prefix.size() + child.suffix.size() || !segment.starts_with(child.prefix) ||
                !segment.ends_with(child.suffix))
                continue;
            captured.push_back(
                segment.substr(child.prefix.size(), segment.size() - child.prefix.size() - child.suffix.size()));
            if (descend(*child.node)) return true;
            captured.pop_back();
        }
        if (rest.empty()) return false;
        captured.push_back(path);
        if (visit(rest)) return true;
        captured.pop_back();
        return false;
    }

private:
    Node* literal(const std::string& text) {
        auto& child = literals[text];
        if (!child) child = std::make_unique<Node>();
        return child.get();
    }

    Node* parameter(const RoutePattern::Segment& segment) {
        for (auto& child : parameters)
            if (child.prefix == segment.prefix && child.suffix == segment.suffix) return child.node.get();
        const auto size = segment.prefix.size() + segment.suffix.size();
        const auto place = std::find_if(parameters.begin(), parameters.end(), [&](const ParameterChild& child) {
            return child.prefix.size() + child.suffix.size() < size;
        });
        return parameters.insert(place, {segment.prefix, segment.suffix, std::make_unique<Node>()})->node.get();
    }
};

RouteTable::RouteTable() : root_(std::make_unique<Node>()), disabledRoot_(std::make_unique<Node>()) {}

RouteTable::~RouteTable() = default;

void RouteTable::Builder::add(RouteEntry entry) {
    const auto shape = entry.pattern.shape();
    for (const auto& other : entries_) {
        if (other.method != entry.method || other.pattern.shape() != shape) continue;
        throw RouteCollision("the plugins \"" + other.pluginId + "\" and \"" + entry.pluginId + "\" both answer " +
                             std::string(toString(entry.method)) + " " + entry.pattern.text());
    }
    entry.index = entries_.size();
    if (entry.route) {
        if (const auto* channel = std::get_if<std::shared_ptr<const ChannelRoute>>(&entry.route->handler)) {
            entry.channel =
                std::make_shared<const ChannelTerms>(ChannelTerms{(*channel)->protocol, (*channel)->options});
            entry.options.access = (*channel)->options.access;
            entry.options.rateLimit = (*channel)->options.rateLimit;
        }
    }
    // The plugin's code stays in its route.
    entry.options.immediate = nullptr;
    entry.isGuarded = entry.channel || entry.options.rateLimit || !entry.options.access.isOpen();
    entries_.push_back(std::move(entry));
}

void RouteTable::Builder::addDisabled(const std::string& pattern, const std::string& pluginId) {
    disabled_.emplace_back(RoutePattern(pattern), pluginId);
}

std::shared_ptr<const RouteTable> RouteTable::Builder::build() && {
    const std::shared_ptr<RouteTable> table(new RouteTable);
    table->entries_ = std::move(entries_);
    table->disabled_ = std::move(disabled_);
    for (const auto& entry : table->entries_) table->root_->insert(entry.pattern, entry.index);
    for (std::size_t index = 0; index < table->disabled_.size(); ++index)
        table->disabledRoot_->insert(table->disabled_[index].first, index);
    return table;
}

RouteTable::Match RouteTable::match(Method method, std::string_view path,
                                    std::vector<std::pair<std::string, std::string>>& parameters) const {
    Match match;
    parameters.clear();
    if (path.empty() || path.front() != '/') return match;
    path.remove_prefix(1);
    const auto wanted = method == Method::Head ? Method::Get : method;
    std::vector<std::string_view> captured;
    root_->find(path, captured, [&](const Indexes& indexes) {
        for (const auto index : indexes) {
            const auto& entry = entries_[index];
            if (entry.method == wanted) {
                match.entry = &entry;
                return true;
            }
            match.allowedMethods.push_back(entry.method);
        }
        return false;
    });
    if (match.entry) {
        match.allowedMethods.clear();
        auto text = captured.begin();
        for (const auto& segment : match.entry->pattern.segments())
            if (segment.kind != Kind::Literal) parameters.emplace_back(segment.name, *text++);
        return match;
    }
    if (match.allowedMethods.empty()) {
        captured.clear();
        disabledRoot_->find(path, captured, [&](const Indexes& indexes) {
            match.disabledPlugin = &disabled_[indexes.front()].second;
            return true;
        });
    }
    return match;
}

void RouteTableSlot::publish(std::shared_ptr<const RouteTable> table) {
    {
        const std::lock_guard lock(mutex_);
        table_ = std::move(table);
        version_.fetch_add(1, std::memory_order_acq_rel);
    }
    const std::lock_guard lock(listening_);
    if (listener_) listener_();
}

void RouteTableSlot::announceHold() {
    const std::lock_guard lock(listening_);
    if (listener_) listener_();
}

void RouteTableSlot::listen(std::function<void()> listener) {
    const std::lock_guard lock(listening_);
    listener_ = std::move(listener);
}

std::pair<std::shared_ptr<const RouteTable>, std::uint64_t> RouteTableSlot::current() const {
    const std::lock_guard lock(mutex_);
    return {table_, version_.load(std::memory_order_acquire)};
}

}  // namespace playhouse::host
