#include "PasswordHasher.h"

#include <argon2.h>
#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

namespace playhouse::auth {
namespace {

constexpr std::size_t saltBytes = 16;
constexpr std::size_t digestBytes = 32;

std::array<unsigned char, digestBytes> randomBytes() {
    std::array<unsigned char, digestBytes> bytes;
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("OpenSSL has no random bytes for a salt");
    return bytes;
}

/// The head of every encoding with these parameters: what libargon2 writes before the salt.
std::string headOf(const PasswordHasher::Parameters& parameters) {
    return "$argon2id$v=" + std::to_string(ARGON2_VERSION_13) + "$m=" + std::to_string(parameters.memory) +
           ",t=" + std::to_string(parameters.passes) + ",p=" + std::to_string(parameters.lanes) + "$";
}

}  // namespace

PasswordHasher::PasswordHasher(Parameters parameters, HashingThreads& threads)
    : parameters_(parameters), threads_(threads) {
    const auto secret = randomBytes();
    nobody_ = hash({reinterpret_cast<const char*>(secret.data()), secret.size()});
}

std::string PasswordHasher::hash(std::string_view password) const {
    const auto salt = randomBytes();
    std::string encoded(
        argon2_encodedlen(parameters_.passes, parameters_.memory, parameters_.lanes, saltBytes, digestBytes, Argon2_id),
        '\0');
    const int outcome = onAThread([&] {
        return argon2id_hash_encoded(parameters_.passes, parameters_.memory, parameters_.lanes, password.data(),
                                     password.size(), salt.data(), saltBytes, digestBytes, encoded.data(),
                                     encoded.size());
    });
    if (outcome != ARGON2_OK)
        throw std::invalid_argument(std::string("Argon2 refuses its parameters: ") + argon2_error_message(outcome));
    encoded.resize(encoded.find('\0'));
    return encoded;
}

bool PasswordHasher::verify(std::string_view password, const std::string& hash) const {
    return onAThread([&] { return argon2id_verify(hash.c_str(), password.data(), password.size()); }) == ARGON2_OK;
}

int PasswordHasher::onAThread(const std::function<int()>& argon2) const {
    int outcome = ARGON2_OK;
    threads_.run([&] { outcome = argon2(); });
    if (outcome == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
    if (outcome == ARGON2_THREAD_FAIL) throw std::runtime_error("Argon2 got no thread");
    return outcome;
}

void PasswordHasher::verifyNobody(std::string_view password) const {
    static_cast<void>(verify(password, nobody_));
}

bool PasswordHasher::isOutdated(const std::string& hash) const {
    return !hash.starts_with(headOf(parameters_));
}

}  // namespace playhouse::auth
