#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Who may use the admin API over TCP: whoever sends the token (RFC 6750 section 2.1). An address that sends wrong ones
/// is shut out for a while, with whatever token. Safe from any thread.
class AdminAccess {
public:
    using Time = std::chrono::steady_clock::time_point;

    enum class Verdict {
        Allowed,
        Wrong,    ///< no token, or another
        ShutOut,  ///< too many wrong ones from there; see retryAfter()
    };

    static constexpr std::size_t mostWrong = 5;  ///< within shutOutTime, from one address
    static constexpr std::chrono::seconds shutOutTime{60};
    static constexpr std::size_t mostAddresses =
        4096;  ///< remembered; the one that was wrong the longest ago is forgotten

    explicit AdminAccess(const std::string& token) : digest_(digestOf(token)) {}

    /// From now on this one is right.
    void setToken(const std::string& token);

    /// Judges one request. The comparison takes as long for a token that is nearly right as for any other.
    ///
    /// @param address        IPv4 or IPv6; of IPv6 the first 64 bits count, since one host may have all of those
    /// @param authorization  the header field of that name
    Verdict judge(const std::string& address, std::optional<std::string_view> authorization, Time now);

    /// For how long `address` is shut out still; 0 when it is not.
    std::chrono::seconds retryAfter(const std::string& address, Time now) const;

private:
    using Digest = std::array<unsigned char, 32>;
    struct Wrong {
        std::size_t count = 0;
        Time since{};
    };

    static Digest digestOf(std::string_view token);
    static std::string placeOf(const std::string& address);
    bool isRight(std::optional<std::string_view> authorization) const;
    void noteWrong(const std::string& place, Time now);

    mutable std::mutex mutex_;
    Digest digest_;
    std::map<std::string, Wrong, std::less<>> wrong_;  ///< by placeOf() an address
};

}  // namespace playhouse::host
