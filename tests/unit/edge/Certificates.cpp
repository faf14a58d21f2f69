#include "Certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

namespace playhouse::host {
namespace {

constexpr long secondsOfADay = 24 * 60 * 60;

void expect(int result) {
    if (result <= 0) throw std::runtime_error("OpenSSL cannot make a certificate");
}

template <class Write>
void write(const std::filesystem::path& file, mode_t mode, Write content) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(file.c_str(), "w"), &std::fclose);
    if (!opened) throw std::runtime_error("cannot write " + file.string());
    expect(content(opened.get()));
    expect(::chmod(file.c_str(), mode) + 1);
}

}  // namespace

Certificates::Certificates() {
    std::string name = (std::filesystem::temp_directory_path() / "playhouse-certificates-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a directory for certificates");
    directory_ = name;
}

Certificates::~Certificates() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

Certificates::Files Certificates::make(const std::string& name, int validDays) const {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), &X509_free);
    auto* const made = certificate.get();
    expect(X509_set_version(made, X509_VERSION_3));
    static long serial = 1;
    expect(ASN1_INTEGER_set(X509_get_serialNumber(made), serial++));
    X509_gmtime_adj(X509_getm_notBefore(made), -2 * secondsOfADay);
    X509_gmtime_adj(X509_getm_notAfter(made), validDays * secondsOfADay);
    expect(X509_set_pubkey(made, key.get()));
    auto* const subject = X509_get_subject_name(made);
    expect(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()),
                                      -1, -1, 0));
    expect(X509_set_issuer_name(made, subject));
    const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"),
        &X509_EXTENSION_free);
    expect(X509_add_ext(made, names.get(), -1));
    expect(X509_sign(made, key.get(), EVP_sha256()));
    Files files{path(name + ".pem"), path(name + ".key")};
    write(files.certificate, 0644, [&](std::FILE* file) { return PEM_write_X509(file, made); });
    write(files.key, 0600, [&](std::FILE* file) {
        return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return files;
}

}  // namespace playhouse::host
