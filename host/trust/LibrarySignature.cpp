#include "LibrarySignature.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace playhouse::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t mostKeyBytes = 64 * 1024;

std::string systemProblem(int number) {
    return std::generic_category().message(number);
}

/// An open file, closed when it goes.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const noexcept { return number_; }

private:
    int number_;
};

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Bio bioOver(const std::string& text) {
    Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
    if (!bio) throw std::bad_alloc();
    return bio;
}

Context makeContext() {
    Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!context) throw std::bad_alloc();
    return context;
}

const unsigned char* bytesOf(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// Nobody is asked for a passphrase: a program without a terminal would wait for ever.
int noPassphrase(char*, int, int, void*) {
    return -1;
}

[[noreturn]] void refuseKey(const fs::path& file, const std::string& why) {
    throw std::runtime_error("the key file " + file.string() + " " + why);
}

void requireEd25519(const fs::path& file, const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "ED25519") == 1) return;
    const char* const name = EVP_PKEY_get0_type_name(key);
    refuseKey(file, "holds a key of the type " + std::string(name ? name : "unknown") +
                        "; libraries are signed with Ed25519: openssl genpkey -algorithm ed25519 -out KEY.pem");
}

std::string readKeyFile(const fs::path& file) {
    try {
        return readWhole(file, mostKeyBytes);
    } catch (const std::runtime_error& problem) {
        throw std::runtime_error("a key cannot be read: " + std::string(problem.what()));
    }
}

std::shared_ptr<EVP_PKEY> readPrivateKey(const fs::path& file) {
    const auto text = readKeyFile(file);
    const auto bio = bioOver(text);
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, nullptr), EVP_PKEY_free);
    if (!key && text.find("ENCRYPTED") != std::string::npos)
        refuseKey(file, "is encrypted; sign with it by: openssl pkeyutl -sign -rawin -inkey " + file.string() +
                            " -in LIBRARY -out LIBRARY.sig");
    if (!key) refuseKey(file, "holds no private key in PEM; make one by: openssl genpkey -algorithm ed25519");
    requireEd25519(file, key.get());
    return key;
}

std::string sign(const std::string& content, EVP_PKEY& key) {
    const auto context = makeContext();
    std::string signature(signatureSize, '\0');
    auto size = signature.size();
    if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, &key) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytesOf(content),
                       content.size()) != 1 ||
        size != signatureSize)
        throw std::runtime_error("OpenSSL could not sign");
    return signature;
}

/// Whole or not at all, also when the machine stops: a temporary file beside it takes its name at the end.
void writeWhole(const fs::path& file, const std::string& content) {
    auto temporary = file.string() + ".XXXXXX";
    const auto failed = [&](const std::string& why) {
        throw std::runtime_error("cannot write " + file.string() + ": " + why);
    };
    const Descriptor target(::mkostemp(temporary.data(), O_CLOEXEC));
    if (target.number() < 0) failed(systemProblem(errno));
    const auto written = ::write(target.number(), content.data(), content.size());
    if (written != static_cast<ssize_t>(content.size()) || ::fchmod(target.number(), 0644) != 0 ||
        ::fsync(target.number()) != 0 || ::rename(temporary.c_str(), file.c_str()) != 0) {
        const auto problem = systemProblem(errno);
        ::unlink(temporary.c_str());
        failed(problem);
    }
}

}  // namespace

fs::path signatureOf(const fs::path& library) {
    auto path = library;
    path += ".sig";
    return path;
}

void signLibrary(const fs::path& library, const fs::path& privateKey) {
    const auto key = readPrivateKey(privateKey);
    const auto content = readWhole(library, std::numeric_limits<std::int32_t>::max());
    if (!content.starts_with("\177ELF")) throw std::runtime_error(library.string() + " is not a shared library");
    writeWhole(signatureOf(library), sign(content, *key));
}

TrustedKey::TrustedKey(const fs::path& file) : file_(file) {
    const auto text = readKeyFile(file);
    const auto bio = bioOver(text);
    key_.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, noPassphrase, nullptr), EVP_PKEY_free);
    if (!key_ && text.find("PRIVATE KEY-----") != std::string::npos)
        refuseKey(file,
                  "holds a private key, which belongs to the signer alone; name the file of its public key: "
                  "openssl pkey -in " +
                      file.string() + " -pubout -out PUBLIC.pem");
    if (!key_)
        refuseKey(file,
                  "holds no public key in PEM; make it by: openssl pkey -in PRIVATE.pem -pubout -out " + file.string());
    requireEd25519(file, key_.get());
    // A second key that is quietly left out would be missed at the worst time.
    if (const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> another(
            PEM_read_bio_PUBKEY(bio.get(), nullptr, noPassphrase, nullptr), EVP_PKEY_free);
        another)
        refuseKey(file, "holds more than one key; put each into a file of its own");
}

bool TrustedKey::verifies(const std::string& content, const std::string& signature) const {
    const auto context = makeContext();
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytesOf(signature), signature.size(), bytesOf(content), content.size()) == 1;
}

std::string readWhole(const fs::path& file, std::size_t mostBytes) {
    const Descriptor source(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (source.number() < 0) throw std::runtime_error(file.string() + " cannot be read: " + systemProblem(errno));
    struct stat status {};
    if (::fstat(source.number(), &status) != 0 || !S_ISREG(status.st_mode))
        throw std::runtime_error(file.string() + " is not a regular file");
    if (static_cast<std::uintmax_t>(status.st_size) > mostBytes)
        throw std::runtime_error(file.string() + " has more than " + std::to_string(mostBytes) + " bytes");
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t filled = 0;
    while (filled < content.size()) {
        const auto count = ::read(source.number(), content.data() + filled, content.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw std::runtime_error(file.string() + " cannot be read: " + systemProblem(errno));
        if (count == 0) throw std::runtime_error(file.string() + " became shorter while it was read; try again");
        filled += static_cast<std::size_t>(count);
    }
    return content;
}

}  // namespace playhouse::host
