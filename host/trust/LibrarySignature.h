#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace playhouse::host {

/// Detached signatures of plugin libraries: Ed25519 (RFC 8032, section 5.1) over all bytes of the file, the 64 bytes of
/// the signature as they are in a file beside it. `openssl pkeyutl -sign -rawin` makes the same.
///
/// All of this may be called from any thread. Each function throws std::runtime_error that names the file and says what
/// to do.

/// How long a signature is.
inline constexpr std::size_t signatureSize = 64;

/// Where the signature of `library` lies: "<library>.sig".
std::filesystem::path signatureOf(const std::filesystem::path& library);

/// Signs the shared library `library` with the Ed25519 private key in the PEM file `privateKey`, which must not be
/// encrypted, and writes signatureOf(library), in the place of one that was there, whole or not at all.
void signLibrary(const std::filesystem::path& library, const std::filesystem::path& privateKey);

/// One key that libraries may be signed with.
class TrustedKey {
public:
    /// Reads the PEM file of one Ed25519 public key (RFC 7468, section 13; RFC 8410).
    explicit TrustedKey(const std::filesystem::path& file);

    const std::filesystem::path& file() const noexcept { return file_; }

    /// Whether `signature` is one of `content` by this key.
    bool verifies(const std::string& content, const std::string& signature) const;

private:
    std::filesystem::path file_;
    std::shared_ptr<EVP_PKEY> key_;
};

/// All bytes of the regular file `file`, of at most `mostBytes`. Waits for no writer of a named pipe.
std::string readWhole(const std::filesystem::path& file, std::size_t mostBytes);

}  // namespace playhouse::host
