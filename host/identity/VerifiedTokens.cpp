#include "VerifiedTokens.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace playhouse::host {

VerifiedTokens::Digest VerifiedTokens::digestOf(std::string_view token) {
    // EVP_sha256() would be looked up anew for each token.
    static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                        &EVP_MD_free);
    Digest digest{};
    if (EVP_Digest(token.data(), token.size(), digest.data(), nullptr, sha256.get(), nullptr) != 1)
        throw std::runtime_error("OpenSSL makes no digest");
    return digest;
}

std::size_t VerifiedTokens::Hash::operator()(const Digest& digest) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

VerifiedTokens::VerifiedTokens(std::size_t capacity)
    : capacityOfShard_(std::max<std::size_t>(1, capacity / std::tuple_size_v<decltype(shards_)>)) {}

void VerifiedTokens::Shard::drop(std::list<Entry>::iterator entry) {
    places.erase(entry->digest);
    entries.erase(entry);
}

std::shared_ptr<const Identity> VerifiedTokens::find(const Digest& digest, std::uint64_t epoch,
                                                     std::chrono::system_clock::time_point now) {
    auto& shard = shardOf(digest);
    const std::lock_guard lock(shard.mutex);
    const auto place = shard.places.find(digest);
    if (place == shard.places.end()) return nullptr;
    const auto entry = place->second;
    if (entry->epoch != epoch || entry->until <= now) {
        shard.drop(entry);
        return nullptr;
    }
    shard.entries.splice(shard.entries.begin(), shard.entries, entry);
    return entry->identity;
}

void VerifiedTokens::keep(const Digest& digest, std::uint64_t epoch, std::chrono::system_clock::time_point until,
                          std::shared_ptr<const Identity> identity) {
    auto& shard = shardOf(digest);
    const std::lock_guard lock(shard.mutex);
    if (const auto place = shard.places.find(digest); place != shard.places.end()) shard.drop(place->second);
    if (shard.entries.size() >= capacityOfShard_) shard.drop(std::prev(shard.entries.end()));
    shard.entries.push_front({digest, epoch, until, std::move(identity)});
    shard.places.emplace(digest, shard.entries.begin());
}

std::size_t VerifiedTokens::size() const {
    std::size_t size = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        size += shard.entries.size();
    }
    return size;
}

}  // namespace playhouse::host
