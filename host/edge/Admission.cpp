#include "Admission.h"

namespace playhouse::host {
namespace {

/// An IPv4 address, or the first half of an IPv6 one. No client has an IPv6 address that begins with ffff:, which is
/// multicast, so the two never meet.
std::uint64_t keyOf(const boost::asio::ip::address& address) {
    constexpr std::uint64_t version4 = 0xffff'0000'0000'0000;
    if (address.is_v4()) return version4 | address.to_v4().to_uint();
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) return version4 | boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_uint();
    const auto bytes = v6.to_bytes();
    std::uint64_t prefix = 0;
    for (std::size_t index = 0; index < 8; ++index) prefix = prefix << 8 | bytes.at(index);
    return prefix;
}

}  // namespace

Admission::Place Admission::enter(const boost::asio::ip::address& client, const ConnectionLimits& limits) {
    const std::lock_guard lock(mutex_);
    const auto address = addresses_.try_emplace(keyOf(client), 0).first;
    if (limits.perAddress > 0 && address->second >= limits.perAddress) return {Verdict::AddressIsFull};
    auto place = enter(limits, address);
    if (place.seat)
        ++address->second;
    else if (address->second == 0)
        addresses_.erase(address);
    return place;
}

Admission::Place Admission::enterUncounted(const ConnectionLimits& limits) {
    const std::lock_guard lock(mutex_);
    return enter(limits, addresses_.end());
}

Admission::Place Admission::enter(const ConnectionLimits& limits, Addresses::iterator address) {
    const bool isFull = connections_ >= limits.inAll;
    if (isFull && inReserve_ >= reserveSize) return {Verdict::ServerIsFull};
    Place place{isFull ? Verdict::Reserve : Verdict::Admitted,
                Seat(this, [address, isFull](Admission* self) { self->leave(address, isFull); })};
    ++(isFull ? inReserve_ : connections_);
    return place;
}

void Admission::leave(Addresses::iterator address, bool fromReserve) {
    const std::lock_guard lock(mutex_);
    --(fromReserve ? inReserve_ : connections_);
    if (address != addresses_.end() && --address->second == 0) addresses_.erase(address);
}

Admission::Seat Admission::turnAway() {
    const std::lock_guard lock(mutex_);
    if (turnedAway_ >= mostTurnedAway) return nullptr;
    ++turnedAway_;
    return Seat(this, [](Admission* self) {
        const std::lock_guard again(self->mutex_);
        --self->turnedAway_;
    });
}

bool Admission::beginRequest(std::size_t most) noexcept {
    if (requests_.fetch_add(1, std::memory_order_relaxed) < most) return true;
    endRequest();
    return false;
}

std::size_t Admission::addresses() const {
    const std::lock_guard lock(mutex_);
    return addresses_.size();
}

}  // namespace playhouse::host
