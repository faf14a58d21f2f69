#include "ControlCommands.h"
#include "ControlTables.h"
#include "plugins/LibraryInspection.h"
#include "trust/LibrarySignature.h"
#include "trust/LibraryTrust.h"

#include <playhouse/PluginDescriptor.h>

#include <boost/json/array.hpp>

#include <optional>

namespace playhouse::host {
namespace {

using Texts = std::vector<std::string>;

boost::json::array toJson(const Texts& texts) {
    return boost::json::array(texts.begin(), texts.end());
}

std::string hostAbi() {
    return std::to_string(PluginDescriptor::currentAbiMajor) + "." + std::to_string(PluginDescriptor::currentAbiMinor);
}

/// "none", "not checked" (there is one, and no key was given), "trusted" or
/// "refused".
std::string signatureState(const std::filesystem::path& library, const LibraryTrust* trust) {
    std::error_code error;
    const bool isThere = std::filesystem::exists(signatureOf(library), error);
    if (trust == nullptr) return isThere ? "not checked" : "none";
    try {
        trust->check(library, library);
        return "trusted";
    } catch (const std::exception&) {
        return isThere ? "refused" : "none";
    }
}

boost::json::object describe(const std::filesystem::path& library, const LibraryInspection& found,
                             const std::string& signature) {
    return {{"library", library.string()},
            {"accepted", found.accepted()},
            {"id", found.id},
            {"version", found.version},
            {"abi", found.abi},
            {"hostAbi", hostAbi()},
            {"fingerprint", found.fingerprint},
            {"hostFingerprint", buildFingerprint},
            {"signature", signature},
            {"neededLibraries", toJson(found.neededLibraries)},
            {"undefinedSymbols", toJson(found.undefinedSymbols)},
            {"exportedSymbols", toJson(found.exportedSymbols)},
            {"uniqueSymbols", toJson(found.uniqueSymbols)},
            {"refusals", toJson(found.refusals)},
            {"warnings", toJson(found.warnings)}};
}

std::string joined(const Texts& texts, const std::string& none) {
    constexpr std::size_t mostShown = 20;
    std::string text;
    for (std::size_t index = 0; index < texts.size() && index < mostShown; ++index)
        text += (text.empty() ? "" : ", ") + texts[index];
    if (texts.size() > mostShown)
        text += " and " + std::to_string(texts.size() - mostShown) + " more (--json shows all)";
    return text.empty() ? none : text;
}

/// What is known of it, and no more.
std::string report(const std::filesystem::path& library, const LibraryInspection& found, const std::string& signature) {
    std::vector<Texts> lines{{"library", library.string()}};
    const auto add = [&](const char* name, const std::string& text) {
        if (!text.empty()) lines.push_back({name, text});
    };
    add("id", found.id);
    add("version", found.version);
    if (!found.abi.empty()) add("ABI", found.abi + ", this host has " + hostAbi());
    add("fingerprint", found.fingerprint);
    if (!found.fingerprint.empty()) add("this host's", buildFingerprint);
    add("signature", signature);
    if (found.isLibrary) {
        add("needs", joined(found.neededLibraries, "no library"));
        add("undefined", joined(found.undefinedSymbols, "none"));
        add("exports", joined(found.exportedSymbols, "nothing beside its descriptor"));
        add("GNU_UNIQUE", joined(found.uniqueSymbols, "none"));
    }
    auto text = table(lines);
    for (const auto& warning : found.warnings) text += "Warning: " + warning + "\n";
    return text;
}

std::optional<LibraryTrust> trustOf(const ControlCall& call) {
    const auto key = call.option("--key");
    if (!key) return std::nullopt;
    try {
        return LibraryTrust(true, {*key});
    } catch (const std::exception& problem) {
        throw ControlRefusal("KEY_UNUSABLE", problem.what());
    }
}

}  // namespace

void runVerify(const ControlSession& session) {
    const auto library = std::filesystem::absolute(session.call().operands.at(0));
    const auto trust = trustOf(session.call());
    const auto* given = trust ? &*trust : nullptr;
    const auto found = inspectLibrary(library, given);
    const auto signature = signatureState(library, given);
    const auto data = describe(library, found, signature);
    if (!found.accepted()) {
        std::string why;
        for (const auto& refusal : found.refusals) why += (why.empty() ? "" : "\n") + refusal;
        if (!session.wantsJson()) session.tell(data, report(library, found, signature));
        throw ControlRefusal("LIBRARY_REFUSED", "a server like this would not load it: " + why, data);
    }
    session.tell(data, report(library, found, signature) + "A server like this would load it.\n");
}

void runSign(const ControlSession& session) {
    const auto key = session.call().option("--key");
    if (!key)
        throw ControlUsage(
            "sign needs --key PEM, an Ed25519 private key (openssl "
            "genpkey -algorithm ed25519)");
    const std::filesystem::path library = session.call().operands.at(0);
    try {
        signLibrary(library, *key);
    } catch (const std::exception& problem) {
        throw ControlRefusal("NOT_SIGNED", problem.what());
    }
    const auto signature = signatureOf(library).string();
    session.tell({{"library", library.string()}, {"signature", signature}}, "Wrote " + signature + "\n");
}

}  // namespace playhouse::host
