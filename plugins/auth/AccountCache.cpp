#include "AccountCache.h"

#include <algorithm>

namespace playhouse::auth {
namespace {

constexpr std::string_view changedTopic = "auth.account-changed";

}  // namespace

AccountCache::AccountCache(AccountStore& accounts, Bus& bus, Clock& clock, Settings settings)
    : accounts_(accounts),
      bus_(bus),
      clock_(clock),
      settings_(settings),
      entries_(static_cast<long>(std::max<std::size_t>(settings.most, 1))) {
    if (settings_.lifetime.count() <= 0) return;
    bus.subscribe(changedTopic, [this](const BusMessage& message) {
        if (!message.isLocal) forget(message.payload);
    });
    bus.onGap([this] { forgetAll(); });
}

std::shared_ptr<const Account> AccountCache::atHand(std::string_view id) {
    if (settings_.lifetime.count() <= 0) return nullptr;
    const auto now = clock_.steadyNow();
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.get(std::string(id));
    if (entry.isNull() || entry->until <= now) return nullptr;
    return entry->account;
}

std::shared_ptr<const Account> AccountCache::find(std::string_view id) {
    if (auto known = atHand(id)) return known;
    std::uint64_t changesBefore = 0;
    {
        const std::lock_guard lock(mutex_);
        changesBefore = changes_;
    }
    // Its age counts from before it was read.
    const auto until = clock_.steadyNow() + settings_.lifetime;
    auto found = accounts_.findById(id);
    if (!found) return nullptr;
    auto account = std::make_shared<const Account>(*std::move(found));
    const std::lock_guard lock(mutex_);
    if (settings_.lifetime.count() > 0 && changes_ == changesBefore)
        entries_.update(account->id, Entry{account, until});
    return account;
}

void AccountCache::changed(std::string_view id) {
    if (settings_.lifetime.count() <= 0) return;
    forget(std::string(id));
    bus_.publish(changedTopic, id);
}

void AccountCache::forget(const std::string& id) {
    const std::lock_guard lock(mutex_);
    ++changes_;
    entries_.remove(id);
}

void AccountCache::forgetAll() {
    const std::lock_guard lock(mutex_);
    ++changes_;
    entries_.clear();
}

}  // namespace playhouse::auth
