#include "TokenSecret.h"

#include <Poco/DigestEngine.h>

#include <openssl/rand.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <stdexcept>
#include <system_error>

namespace playhouse::host {
namespace {

constexpr std::size_t shortestSecret = 32;
constexpr std::size_t fewestLetters = 8;
constexpr std::size_t keptSize = 64;

/// What documentation, templates and tutorials have in the place of a secret.
constexpr std::array<std::string_view, 14> wellKnown{
    "yoursecret", "your256bitsecret", "changeme",  "changethis",  "replaceme", "supersecret", "secretkey",
    "mysecret",   "jwtsecret",        "topsecret", "keyboardcat", "shhhhh",    "password",    "example"};

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
    throw std::runtime_error(file.string() + " " + what);
}

std::string lastError() {
    return std::generic_category().message(errno);
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const noexcept { return number_; }
    bool isOpen() const noexcept { return number_ >= 0; }

private:
    int number_;
};

/// Nothing when there is no such file.
std::optional<std::string> readSecret(const std::filesystem::path& file) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!opened.isOpen() && errno == ENOENT) return std::nullopt;
    if (!opened.isOpen()) fail(file, "cannot be read: " + lastError());
    struct stat status {};
    if (::fstat(opened.number(), &status) != 0 || !S_ISREG(status.st_mode)) fail(file, "is no file");
    if ((status.st_mode & 077) != 0)
        fail(file,
             "holds the secret that signs tokens, and others than its owner may read it: chmod 600 takes that "
             "away, but whoever has read it can sign tokens; removing the file makes a new one, and "
             "refuses the tokens there are");
    std::array<char, keptSize + 2> bytes{};
    const auto size = ::read(opened.number(), bytes.data(), bytes.size());
    const std::string_view text(bytes.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    if (text.size() != keptSize + 1 || text.back() != '\n' ||
        text.substr(0, keptSize).find_first_not_of("0123456789abcdef") != std::string_view::npos)
        fail(file,
             "does not hold the secret that the server has written to it; restore it, or remove it: a new one is "
             "made then, and the tokens there are will be refused");
    return std::string(text.substr(0, keptSize));
}

/// False when the file has come to be meanwhile.
bool writeSecret(const std::filesystem::path& file, const std::string& secret) {
    auto temporary = file.string() + ".XXXXXX";
    // Makes it for its owner alone.
    const Descriptor made(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!made.isOpen()) fail(file, "cannot be made: " + lastError());
    const auto problem = [&]() -> std::string {
        const auto text = secret + "\n";
        const auto written = ::write(made.number(), text.data(), text.size());
        if (written < 0) return lastError();
        if (static_cast<std::size_t>(written) != text.size()) return "the disk is full";
        return ::fsync(made.number()) == 0 ? std::string() : lastError();
    }();
    if (!problem.empty()) {
        ::unlink(temporary.c_str());
        fail(file, "cannot be written: " + problem);
    }
    // Unlike rename(), this never replaces what another process has made.
    const bool isMade = ::link(temporary.c_str(), file.c_str()) == 0;
    const auto reason = errno;
    ::unlink(temporary.c_str());
    if (!isMade && reason != EEXIST) fail(file, "cannot be made: " + std::generic_category().message(reason));
    const Descriptor directory(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.isOpen()) ::fsync(directory.number());
    return isMade;
}

}  // namespace

std::string weaknessOf(std::string_view secret) {
    std::string letters;
    for (const char letter : secret) {
        const auto code = static_cast<unsigned char>(letter);
        if (code >= 'A' && code <= 'Z') letters += static_cast<char>(code + ('a' - 'A'));
        if ((code >= 'a' && code <= 'z') || (code >= '0' && code <= '9')) letters += letter;
    }
    if (std::any_of(wellKnown.begin(), wellKnown.end(),
                    [&](std::string_view known) { return letters.find(known) != std::string::npos; }))
        return "it holds one that everybody knows";
    if (secret.size() < shortestSecret) return "it is shorter than " + std::to_string(shortestSecret) + " bytes";
    if (std::set<char>(secret.begin(), secret.end()).size() < fewestLetters)
        return "it has fewer than " + std::to_string(fewestLetters) + " different characters";
    return {};
}

std::string randomSecret() {
    Poco::DigestEngine::Digest bytes(keptSize / 2);
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("OpenSSL has no random bytes");
    return Poco::DigestEngine::digestToHex(bytes);
}

std::string keptSecret(const std::filesystem::path& file) {
    if (auto secret = readSecret(file)) return *secret;
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    auto secret = randomSecret();
    if (writeSecret(file, secret)) return secret;
    auto others = readSecret(file);
    if (!others) fail(file, "was removed while it was made");
    return *others;
}

}  // namespace playhouse::host
