#include "LibraryFile.h"

#include <elf.h>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace playhouse::host {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t thisMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t thisMachine = EM_AARCH64;
#else
#error "add this machine's ELF number"
#endif

std::string nameOfMachine(unsigned machine) {
    switch (machine) {
        case EM_386:
            return "i386";
        case EM_X86_64:
            return "x86-64";
        case EM_ARM:
            return "32-bit ARM";
        case EM_AARCH64:
            return "aarch64";
        case EM_RISCV:
            return "RISC-V";
        case EM_PPC64:
            return "PowerPC 64";
        default:
            return "ELF machine " + std::to_string(machine);
    }
}

void requireRegular(const std::filesystem::path& file) {
    std::error_code problem;
    const auto status = std::filesystem::status(file, problem);
    if (status.type() == std::filesystem::file_type::not_found)
        throw std::runtime_error("it cannot be read: No such file or directory; correct its path, or build it");
    if (problem) throw std::runtime_error("it cannot be read: " + problem.message());
    if (std::filesystem::is_directory(status))
        throw std::runtime_error("it is a directory; name the library's file in it");
    if (!std::filesystem::is_regular_file(status))
        throw std::runtime_error("it is not a regular file; name the library's file");
}

std::string_view stringAt(std::string_view strings, std::uint64_t offset) {
    if (offset >= strings.size()) return {};
    const auto rest = strings.substr(offset);
    return rest.substr(0, rest.find('\0'));
}

}  // namespace

LibraryFile::LibraryFile(const std::filesystem::path& file) {
    requireRegular(file);
    std::error_code problem;
    fileSize_ = std::filesystem::file_size(file, problem);
    if (!problem) stream_.open(file, std::ios::binary);
    if (problem || !stream_)
        throw std::runtime_error("it cannot be opened for reading by this user; see to its permissions");
    if (fileSize_ == 0) throw std::runtime_error("it is empty; copy or build it again");

    if (fileSize_ < SELFMAG || bytes(0, SELFMAG) != std::string_view(ELFMAG, SELFMAG))
        throw std::runtime_error("it is not a shared library (no ELF file); name a plugin's .so");
    const auto header = read<Elf64_Ehdr>(0);
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != thisMachine)
        throw std::runtime_error("it is built for another machine (" + nameOfMachine(header.e_machine) + ", here " +
                                 nameOfMachine(thisMachine) + "); build it for this one");
    if (header.e_type != ET_DYN || header.e_phentsize != sizeof(Elf64_Phdr))
        throw std::runtime_error("it is an ELF file, but not a shared library; name a plugin's .so");

    // Linkers write the section headers last, so their absence shows a file that is still being written.
    requireWithin(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize);
    for (std::uint64_t index = 0; index < header.e_phnum; ++index) {
        const auto segment = read<Elf64_Phdr>(header.e_phoff + index * sizeof(Elf64_Phdr));
        if (segment.p_type == PT_LOAD) requireWithin(segment.p_offset, segment.p_filesz);
    }
    if (header.e_shentsize == sizeof(Elf64_Shdr)) readSections(header.e_shoff, header.e_shnum);
}

void LibraryFile::readSections(std::uint64_t offset, std::uint64_t count) {
    for (std::uint64_t index = 0; index < count; ++index) {
        const auto section = read<Elf64_Shdr>(offset + index * sizeof(Elf64_Shdr));
        sections_.push_back({section.sh_type, section.sh_link, section.sh_offset, section.sh_size});
    }
}

std::vector<LibraryFile::Symbol> LibraryFile::dynamicSymbols() {
    std::vector<Symbol> symbols;
    const auto* const table = sectionOf(SHT_DYNSYM);
    if (!table) return symbols;
    const auto strings = stringsOf(*table);
    const auto entries = bytes(table->offset, table->size);
    for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= entries.size(); at += sizeof(Elf64_Sym)) {
        Elf64_Sym entry{};
        std::memcpy(&entry, entries.data() + at, sizeof entry);
        const auto binding = ELF64_ST_BIND(entry.st_info);
        const auto name = stringAt(strings, entry.st_name);
        if (name.empty() || binding == STB_LOCAL) continue;
        symbols.push_back({.name = std::string(name),
                           .defined = entry.st_shndx != SHN_UNDEF,
                           .weak = binding == STB_WEAK,
                           .unique = binding == STB_GNU_UNIQUE});
    }
    return symbols;
}

std::vector<std::string> LibraryFile::neededLibraries() {
    std::vector<std::string> names;
    const auto* const table = sectionOf(SHT_DYNAMIC);
    if (!table) return names;
    const auto strings = stringsOf(*table);
    const auto entries = bytes(table->offset, table->size);
    for (std::size_t at = 0; at + sizeof(Elf64_Dyn) <= entries.size(); at += sizeof(Elf64_Dyn)) {
        Elf64_Dyn entry{};
        std::memcpy(&entry, entries.data() + at, sizeof entry);
        if (entry.d_tag == DT_NULL) break;
        if (entry.d_tag == DT_NEEDED) names.emplace_back(stringAt(strings, entry.d_un.d_val));
    }
    return names;
}

const LibraryFile::Section* LibraryFile::sectionOf(std::uint32_t type) const {
    for (const auto& section : sections_)
        if (section.type == type) return &section;
    return nullptr;
}

std::string LibraryFile::stringsOf(const Section& section) {
    if (section.link >= sections_.size() || sections_[section.link].type != SHT_STRTAB)
        throw std::runtime_error("its symbols have no names; copy or build it again");
    return bytes(sections_[section.link].offset, sections_[section.link].size);
}

template <class Record>
Record LibraryFile::read(std::uint64_t offset) {
    Record record{};
    if (offset > fileSize_ || sizeof record > fileSize_ - offset ||
        !stream_.seekg(static_cast<std::streamoff>(offset)) ||
        !stream_.read(reinterpret_cast<char*>(&record), sizeof record))
        throw std::runtime_error("it is cut off within its headers; copy or build it again");
    return record;
}

std::string LibraryFile::bytes(std::uint64_t offset, std::uint64_t size) {
    requireWithin(offset, size);
    std::string content(size, '\0');
    if (!stream_.seekg(static_cast<std::streamoff>(offset)) ||
        !stream_.read(content.data(), static_cast<std::streamsize>(size)))
        throw std::runtime_error("it became shorter while it was read; try again when it is complete");
    return content;
}

void LibraryFile::requireWithin(std::uint64_t offset, std::uint64_t size) const {
    if (offset <= fileSize_ && size <= fileSize_ - offset) return;
    throw std::runtime_error("it is cut off: " + std::to_string(fileSize_) + " bytes of at least " +
                             std::to_string(offset + size) + "; copy or build it again");
}

}  // namespace playhouse::host
