#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace playhouse::host {

/// A shared library's file, read without loading it (ELF, System V gABI chapters 4 and 5).
///
/// Whatever the file holds, each function answers or throws std::runtime_error that says what is wrong and what to do.
/// One thread at a time.
class LibraryFile {
public:
    struct Symbol {
        std::string name;
        bool defined = false;
        bool weak = false;    ///< may stay undefined
        bool unique = false;  ///< STB_GNU_UNIQUE: the loader never unloads the library that has it
    };

    /// Throws when the file is no shared library for this machine, or ends before what its headers promise. The loader
    /// does not notice the latter: it maps the file, and the process dies when it touches what is missing.
    explicit LibraryFile(const std::filesystem::path& file);

    /// What it exports and what it needs, without names of its own that nobody sees.
    std::vector<Symbol> dynamicSymbols();

    /// The libraries it names, such as "libstdc++.so.6".
    std::vector<std::string> neededLibraries();

private:
    struct Section {
        std::uint32_t type = 0;
        std::uint32_t link = 0;
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
    };

    template <class Record>
    Record read(std::uint64_t offset);
    std::string bytes(std::uint64_t offset, std::uint64_t size);
    void requireWithin(std::uint64_t offset, std::uint64_t size) const;
    void readSections(std::uint64_t offset, std::uint64_t count);
    const Section* sectionOf(std::uint32_t type) const;

    /// The strings that the names in `section` are offsets into.
    std::string stringsOf(const Section& section);

    std::ifstream stream_;
    std::uint64_t fileSize_ = 0;
    std::vector<Section> sections_;
};

}  // namespace playhouse::host
