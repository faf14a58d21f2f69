#include "AdminAccess.h"

#include <boost/asio/ip/address.hpp>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <strings.h>
#include <algorithm>

namespace playhouse::host {

AdminAccess::Digest AdminAccess::digestOf(std::string_view token) {
    Digest digest{};
    SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
    return digest;
}

std::string AdminAccess::placeOf(const std::string& address) {
    boost::system::error_code malformed;
    const auto parsed = boost::asio::ip::make_address(address, malformed);
    if (malformed || parsed.is_v4()) return address;
    auto bytes = parsed.to_v6().to_bytes();
    if (parsed.to_v6().is_v4_mapped()) return address;
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::address_v6(bytes).to_string();
}

void AdminAccess::setToken(const std::string& token) {
    const std::lock_guard lock(mutex_);
    digest_ = digestOf(token);
}

bool AdminAccess::isRight(std::optional<std::string_view> authorization) const {
    constexpr std::string_view scheme = "bearer ";
    if (!authorization || authorization->size() <= scheme.size() ||
        strncasecmp(authorization->data(), scheme.data(), scheme.size()) != 0)
        return false;
    const auto given = digestOf(authorization->substr(scheme.size()));
    return CRYPTO_memcmp(given.data(), digest_.data(), digest_.size()) == 0;
}

AdminAccess::Verdict AdminAccess::judge(const std::string& address, std::optional<std::string_view> authorization,
                                        Time now) {
    const auto place = placeOf(address);
    const std::lock_guard lock(mutex_);
    if (const auto known = wrong_.find(place); known != wrong_.end()) {
        if (now - known->second.since >= shutOutTime)
            wrong_.erase(known);
        else if (known->second.count >= mostWrong)
            return Verdict::ShutOut;
    }
    if (isRight(authorization)) {
        wrong_.erase(place);
        return Verdict::Allowed;
    }
    noteWrong(place, now);
    return Verdict::Wrong;
}

void AdminAccess::noteWrong(const std::string& place, Time now) {
    if (!wrong_.contains(place) && wrong_.size() >= mostAddresses)
        wrong_.erase(std::min_element(wrong_.begin(), wrong_.end(), [](const auto& left, const auto& right) {
            return left.second.since < right.second.since;
        }));
    auto& wrong = wrong_[place];
    ++wrong.count;
    wrong.since = now;
}

std::chrono::seconds AdminAccess::retryAfter(const std::string& address, Time now) const {
    const std::lock_guard lock(mutex_);
    const auto known = wrong_.find(placeOf(address));
    if (known == wrong_.end() || known->second.count < mostWrong) return std::chrono::seconds(0);
    return std::max(std::chrono::seconds(0),
                    std::chrono::ceil<std::chrono::seconds>(known->second.since + shutOutTime - now));
}

}  // namespace playhouse::host
