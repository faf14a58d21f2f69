#include "LibraryTrust.h"

#include "plugins/PluginError.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <system_error>

namespace playhouse::host {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& source, const std::string& why) {
    throw PluginError("SIGNATURE_REFUSED", "the library " + source.string() + " is refused: " + why);
}

std::string howToSign(const std::filesystem::path& source) {
    return "sign it with: playhousectl sign " + source.string() + " --key PRIVATE-KEY.pem";
}

}  // namespace

LibraryTrust::LibraryTrust(bool required, const std::vector<std::filesystem::path>& publicKeys) : required_(required) {
    for (const auto& file : publicKeys) keys_.emplace_back(file);
    if (required && keys_.empty())
        throw std::runtime_error(
            "signatures are required, but plugins.trusted-keys names no key, so no plugin could be loaded; "
            "name the file of a public key, or switch it off");
}

void LibraryTrust::check(const std::filesystem::path& copy, const std::filesystem::path& source) const {
    if (!required_) return;
    std::error_code problem;
    if (!std::filesystem::exists(signatureOf(copy), problem))
        refuse(source, "it is not signed: there is no " + signatureOf(source).string() +
                           ", and plugins.require-signature is on; " + howToSign(source));
    std::string signature;
    std::string content;
    try {
        signature = readWhole(signatureOf(copy), signatureSize + 1);
        content = readWhole(copy, std::numeric_limits<std::int32_t>::max());
    } catch (const std::runtime_error& unreadable) {
        refuse(source, unreadable.what());
    }
    if (signature.size() != signatureSize)
        refuse(source, signatureOf(source).string() + " is no Ed25519 signature, which has " +
                           std::to_string(signatureSize) + " bytes; " + howToSign(source));
    if (std::any_of(keys_.begin(), keys_.end(), [&](const auto& key) { return key.verifies(content, signature); }))
        return;
    std::string files;
    for (const auto& key : keys_) files += (files.empty() ? "" : ", ") + key.file().string();
    refuse(source, "its signature " + signatureOf(source).string() + " is by none of the trusted keys (" + files +
                       "), or the library was changed after it was signed; have it signed by one of them, or name the "
                       "signer's key in plugins.trusted-keys");
}

}  // namespace playhouse::host
