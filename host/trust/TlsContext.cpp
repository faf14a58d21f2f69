#include "TlsContext.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string_view>
#include <system_error>

namespace playhouse::host {
namespace {

using std::chrono::system_clock;

std::string lastProblem() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason ? reason : "it is not valid";
}

/// OpenSSL's own message for a file that cannot be opened does not say why.
void checkReadable(const std::filesystem::path& file) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(file.c_str(), "re"), &std::fclose);
    if (!opened) throw std::runtime_error(file.string() + " cannot be read: " + std::generic_category().message(errno));
}

/// Without it OpenSSL would ask for a passphrase at the terminal.
int refusePassphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return 0;
}

/// A client that offers protocols, and not ours, is told so (RFC 7301 section 3.2); HTTP/2 is not spoken here.
int chooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosenSize, const unsigned char* offered,
                   unsigned offeredSize, void*) {
    constexpr std::string_view ours = "http/1.1";
    for (unsigned at = 0; at < offeredSize; at += 1u + offered[at]) {
        const auto* const name = offered + at + 1;
        if (std::string_view(reinterpret_cast<const char*>(name), offered[at]) != ours) continue;
        *chosen = name;
        *chosenSize = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

system_clock::time_point timeOf(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return system_clock::from_time_t(::timegm(&parts));
}

std::string dayOf(system_clock::time_point time) {
    const auto seconds = system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const noexcept {
    SSL_CTX_free(context);
}

TlsContext::TlsContext(const std::filesystem::path& certificate, const std::filesystem::path& key, Version minimum)
    : context_(SSL_CTX_new(TLS_server_method())), files_{certificate, key} {
    if (!context_) throw std::runtime_error("OpenSSL gives no context: " + lastProblem());
    auto* const context = context_.get();
    SSL_CTX_set_min_proto_version(context, minimum == Version::Tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    // Of TLS 1.2 what has forward secrecy and authenticated encryption (RFC 9325 section 4.2); all of TLS 1.3 has.
    if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        throw std::runtime_error("OpenSSL refuses the ciphers of TLS 1.2: " + lastProblem());
    // A connection that ends without close_notify is one that ended: HTTP's own framing tells what is whole.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // The sender may come back with its bytes elsewhere; an idle connection is to hold no buffers.
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    // Sessions go into tickets, which clients keep.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nullptr);
    use(certificate, key);
    look(certificate, key);
}

bool TlsContext::hasCertificateOf(const TlsContext& other) const noexcept {
    return X509_cmp(SSL_CTX_get0_certificate(context_.get()), SSL_CTX_get0_certificate(other.context_.get())) == 0;
}

void TlsContext::use(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    checkReadable(certificate);
    checkReadable(key);
    auto* const context = context_.get();
    bool isEncrypted = false;
    SSL_CTX_set_default_passwd_cb(context, refusePassphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &isEncrypted);
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        throw std::runtime_error(certificate.string() +
                                 " is no PEM file of a certificate that can be used: " + lastProblem());
    const bool isUsable = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    SSL_CTX_set_default_passwd_cb(context, nullptr);
    if (isUsable && SSL_CTX_check_private_key(context) == 1) return;
    if (isEncrypted)
        throw std::runtime_error(key.string() +
                                 " is encrypted; the server asks for no passphrase: write it out with openssl pkey");
    const auto code = ERR_peek_last_error();
    if (ERR_GET_LIB(code) == ERR_LIB_X509 &&
        (ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH || ERR_GET_REASON(code) == X509_R_KEY_TYPE_MISMATCH)) {
        ERR_clear_error();
        throw std::runtime_error(key.string() + " is not the key of the certificate in " + certificate.string());
    }
    throw std::runtime_error(key.string() + " is no PEM file of a private key that can be used: " + lastProblem());
}

void TlsContext::look(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    const auto* const own = SSL_CTX_get0_certificate(context_.get());
    validUntil_ = timeOf(X509_get0_notAfter(own));
    const auto validFrom = timeOf(X509_get0_notBefore(own));
    const auto now = system_clock::now();
    if (validUntil_ <= now)
        warnings_.push_back("The certificate in " + certificate.string() + " expired on " + dayOf(validUntil_) +
                            ": clients refuse it");
    if (validFrom > now)
        warnings_.push_back("The certificate in " + certificate.string() + " is valid only from " + dayOf(validFrom) +
                            " on: clients refuse it");
    struct stat status {};
    if (::stat(key.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
        warnings_.push_back("Everybody on this machine may read the private key " + key.string() +
                            ": chmod o-r takes that away");
}

}  // namespace playhouse::host
