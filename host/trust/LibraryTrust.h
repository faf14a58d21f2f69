#pragma once

#include "LibrarySignature.h"

#include <filesystem>
#include <vector>

namespace playhouse::host {

/// Which libraries may be loaded: all, or those that are signed with one of the operator's keys.
///
/// Safe from any thread. Immutable: the keys are those that the files held when it was made.
class LibraryTrust {
public:
    /// @param required    false: check() accepts everything; the keys must be good all the same
    /// @param publicKeys  PEM files of Ed25519 public keys, `plugins.trusted-keys`
    ///
    /// Throws std::runtime_error that names the file when a key cannot be used, or when none is given though required.
    LibraryTrust(bool required, const std::vector<std::filesystem::path>& publicKeys);

    bool required() const noexcept { return required_; }

    /// Throws PluginError SIGNATURE_REFUSED unless signatureOf(copy) is a signature of `copy` by a trusted key.
    ///
    /// To be called on the very file that is loaded then, where nobody else can write, and before it is opened as a
    /// library. Messages name `source`, which it was copied from.
    void check(const std::filesystem::path& copy, const std::filesystem::path& source) const;

private:
    bool required_;
    std::vector<TrustedKey> keys_;
};

}  // namespace playhouse::host
