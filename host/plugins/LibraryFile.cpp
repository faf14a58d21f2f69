#include "LibraryFile.h"

#include <elf.h>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace playhouse::host {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t machine = EM_AARCH64;
#else
#error "add this machine's ELF number"
#endif

template <class Header>
Header readHeader(std::ifstream& stream, std::uint64_t offset) {
    Header header{};
    stream.seekg(static_cast<std::streamoff>(offset));
    stream.read(reinterpret_cast<char*>(&header), sizeof header);
    if (!stream) throw std::runtime_error("it is cut off within its headers; copy or build it again");
    return header;
}

void requireWithin(std::uint64_t offset, std::uint64_t size, std::uint64_t fileSize) {
    if (offset <= fileSize && size <= fileSize - offset) return;
    throw std::runtime_error("it is cut off: " + std::to_string(fileSize) + " bytes of at least " +
                             std::to_string(offset + size) + "; copy or build it again");
}

}  // namespace

void checkLibraryFile(const std::filesystem::path& file) {
    std::error_code problem;
    const auto fileSize = std::filesystem::file_size(file, problem);
    if (problem) throw std::runtime_error("it cannot be read: " + problem.message());
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error("it cannot be opened for reading");

    char magic[SELFMAG] = {};
    if (!stream.read(magic, SELFMAG) || std::memcmp(magic, ELFMAG, SELFMAG) != 0)
        throw std::runtime_error("it is not a shared library (no ELF file)");
    const auto header = readHeader<Elf64_Ehdr>(stream, 0);
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != machine)
        throw std::runtime_error("it is built for another machine (ELF machine " + std::to_string(header.e_machine) +
                                 ", here " + std::to_string(machine) + ")");
    if (header.e_type != ET_DYN || header.e_phentsize != sizeof(Elf64_Phdr))
        throw std::runtime_error("it is an ELF file, but not a shared library");

    // Linkers write the section headers last, so their absence shows a file that is still being written.
    requireWithin(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize, fileSize);
    for (std::uint64_t index = 0; index < header.e_phnum; ++index) {
        const auto segment = readHeader<Elf64_Phdr>(stream, header.e_phoff + index * sizeof(Elf64_Phdr));
        if (segment.p_type == PT_LOAD) requireWithin(segment.p_offset, segment.p_filesz, fileSize);
    }
}

}  // namespace playhouse::host
