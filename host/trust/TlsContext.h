#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace playhouse::host {

/// What the TLS connections of a server have in common: its certificate and key, and what is spoken: TLS 1.2 and 1.3
/// with forward secrecy, session tickets, no renegotiation, no early data, and HTTP/1.1 by ALPN (RFC 7301).
///
/// Immutable; safe from any thread. Renewed files take a new one, and connections keep the one they began with.
class TlsContext {
public:
    enum class Version { Tls12, Tls13 };

    /// @param certificate  PEM file: the server's certificate, and behind it those that lead to its root
    /// @param key          PEM file: its private key, not encrypted
    ///
    /// Throws std::runtime_error that names the file when one cannot be read or used, or when they do not match. No
    /// message holds anything of the key.
    TlsContext(const std::filesystem::path& certificate, const std::filesystem::path& key, Version minimum);

    /// For OpenSSL's functions; valid for as long as this.
    ssl_ctx_st* native() const noexcept { return context_.get(); }

    /// What an operator should know although it can be used: an expired certificate, a key that everybody may read.
    const std::vector<std::string>& warnings() const noexcept { return warnings_; }

    /// The files it was made of.
    const std::vector<std::filesystem::path>& files() const noexcept { return files_; }

    /// Whether clients of `other` are shown the same certificate.
    bool hasCertificateOf(const TlsContext& other) const noexcept;

    /// Until when the certificate is valid.
    std::chrono::system_clock::time_point validUntil() const noexcept { return validUntil_; }

private:
    void use(const std::filesystem::path& certificate, const std::filesystem::path& key);
    void look(const std::filesystem::path& certificate, const std::filesystem::path& key);

    struct Free {
        void operator()(ssl_ctx_st* context) const noexcept;
    };
    std::unique_ptr<ssl_ctx_st, Free> context_;
    std::vector<std::filesystem::path> files_;
    std::vector<std::string> warnings_;
    std::chrono::system_clock::time_point validUntil_;
};

}  // namespace playhouse::host
