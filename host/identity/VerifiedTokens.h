#pragma once

#include <playhouse/Identity.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace playhouse::host {

/// Whom the tokens mean that were verified lately, so that one that comes with each request is verified once. Holds
/// digests, never tokens.
///
/// Bounded: the least recently used go first. Safe from any thread.
class VerifiedTokens {
public:
    /// SHA-256 of a token.
    using Digest = std::array<unsigned char, 32>;
    static Digest digestOf(std::string_view token);

    explicit VerifiedTokens(std::size_t capacity = 16384);

    /// Null when the token is not known, is over at `now`, or was verified under another epoch than `epoch`.
    std::shared_ptr<const Identity> find(const Digest& digest, std::uint64_t epoch,
                                         std::chrono::system_clock::time_point now);

    /// @param until  from which on the token is no longer good
    void keep(const Digest& digest, std::uint64_t epoch, std::chrono::system_clock::time_point until,
              std::shared_ptr<const Identity> identity);

    /// Tokens held.
    std::size_t size() const;

private:
    struct Entry {
        Digest digest{};
        std::uint64_t epoch = 0;
        std::chrono::system_clock::time_point until;
        std::shared_ptr<const Identity> identity;
    };
    struct Hash {
        std::size_t operator()(const Digest& digest) const noexcept;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::list<Entry> entries;  ///< the most recently used first
        std::unordered_map<Digest, std::list<Entry>::iterator, Hash> places;

        void drop(std::list<Entry>::iterator entry);
    };
    Shard& shardOf(const Digest& digest) noexcept { return shards_.at(digest[31] % shards_.size()); }

    std::array<Shard, 16> shards_;
    const std::size_t capacityOfShard_;
};

}  // namespace playhouse::host
