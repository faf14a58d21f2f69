#pragma once

#include "HashingThreads.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace playhouse::auth {

/// Argon2id (RFC 9106) by libargon2. Hashes are in its own encoding, "$argon2id$v=19$m=19456,t=2,p=1$...", which holds
/// the parameters and a salt of 16 random bytes. Safe from any thread; each call waits for tens of milliseconds of
/// HashingThreads, and takes `memory` of memory.
class PasswordHasher {
public:
    struct Parameters {
        std::uint32_t memory = 19456;  ///< KiB
        std::uint32_t passes = 2;
        std::uint32_t lanes = 1;
        friend bool operator==(const Parameters&, const Parameters&) = default;
    };

    /// Throws std::invalid_argument for parameters that libargon2 refuses. `threads` outlives this.
    PasswordHasher(Parameters parameters, HashingThreads& threads);

    /// Throws std::bad_alloc when there is no memory for it.
    std::string hash(std::string_view password) const;

    /// Whether `hash` is one of `password`; false also for what is no hash. Compares in constant time.
    bool verify(std::string_view password, const std::string& hash) const;

    /// Takes as long as verify() of a wrong password does, for an account that is not there.
    void verifyNobody(std::string_view password) const;

    /// Whether `hash` was made with other parameters, and is to be made anew at the next login.
    bool isOutdated(const std::string& hash) const;

private:
    int onAThread(const std::function<int()>& argon2) const;

    Parameters parameters_;
    HashingThreads& threads_;
    std::string nobody_;  ///< a hash of what nobody knows
};

}  // namespace playhouse::auth
