#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace playhouse::host {

class LibraryTrust;

/// What a library is, and whether this host would load it as a plugin.
struct LibraryInspection {
    bool isLibrary = false;   ///< its file could be read; otherwise nothing below is known but the refusals
    std::string id;           ///< of its descriptor; empty when that could not be read, as the next three
    std::string version;      ///< "1.2.3"
    std::string abi;          ///< "1.0"
    std::string fingerprint;  ///< of the build: compiler, libraries, sanitizers

    std::vector<std::string> neededLibraries;   ///< "libstdc++.so.6", as its file names them
    std::vector<std::string> undefinedSymbols;  ///< that neither this host nor those libraries have; demangled
    std::vector<std::string> exportedSymbols;   ///< other than the descriptor; demangled
    std::vector<std::string> uniqueSymbols;     ///< of the binding STB_GNU_UNIQUE, which pin it in memory; demangled

    /// Why this host would not load it; each says what to do. Empty: it would.
    std::vector<std::string> refusals;

    /// What this host would load it with all the same, but its author should change.
    std::vector<std::string> warnings;

    bool accepted() const noexcept { return refusals.empty(); }
};

/// Looks at `library`: at its file first, and then, when nothing speaks against it, by loading it into this process,
/// which runs the constructors of its static objects (and those of the libraries it needs). For a program that does
/// nothing else, such as `playhousectl verify`; never for a server that serves.
///
/// @param trust  whose signature it must bear; null: any or none
///
/// Throws nothing for what is wrong with the library: that is a refusal. Not for two threads at once.
LibraryInspection inspectLibrary(const std::filesystem::path& library, const LibraryTrust* trust = nullptr);

}  // namespace playhouse::host
