#pragma once

#include "Migrations.h"

#include <Poco/Version.h>
#include <boost/version.hpp>

#include <cstdint>

namespace playhouse {

class Plugin;

/// The one symbol a plugin library exports. The host reads it before it calls anything in the library, and refuses the
/// library when a field does not match its own.
struct PluginDescriptor {
    static constexpr std::uint32_t expectedMagic = 0x59414c50;  // "PLAY"
    static constexpr std::uint16_t currentAbiMajor = 3;         ///< other number: refused
    static constexpr std::uint16_t currentAbiMinor = 0;         ///< plugin's above the host's: refused
    static constexpr const char* symbolName = "playhousePluginDescriptor";

    std::uint32_t magic;
    std::uint32_t structSize;
    std::uint16_t abiMajor;
    std::uint16_t abiMinor;
    const char* fingerprint;  ///< of the build: C++ objects cross the border, so both sides must lay them out alike
    const char* id;
    const char* version;
    Plugin* (*create)();
    void (*destroy)(Plugin*);
    const EmbeddedMigrations* migrations;  ///< of the plugin's tables; null for none
};

namespace detail {

/// Defined by what playhouse_add_plugin() makes of a plugin's migrations; else null.
extern "C" __attribute__((weak, visibility("hidden"))) const EmbeddedMigrations playhouseEmbeddedMigrations;

}  // namespace detail

#define PLAYHOUSE_DETAIL_TEXT(value) #value
#define PLAYHOUSE_DETAIL_VALUE(value) PLAYHOUSE_DETAIL_TEXT(value)

#if defined(__SANITIZE_ADDRESS__)
#define PLAYHOUSE_DETAIL_SANITIZER " asan"
#elif defined(__SANITIZE_THREAD__)
#define PLAYHOUSE_DETAIL_SANITIZER " tsan"
#else
#define PLAYHOUSE_DETAIL_SANITIZER ""
#endif

/// Compiler, C++ ABI, library versions and sanitizers, as one text that people can compare.
inline constexpr const char* buildFingerprint =
    "gcc" PLAYHOUSE_DETAIL_VALUE(__GNUC__) " c++abi" PLAYHOUSE_DETAIL_VALUE(__GXX_ABI_VERSION) " cxx11abi"
    PLAYHOUSE_DETAIL_VALUE(_GLIBCXX_USE_CXX11_ABI) " boost" PLAYHOUSE_DETAIL_VALUE(BOOST_VERSION) " poco"
    PLAYHOUSE_DETAIL_VALUE(POCO_VERSION) PLAYHOUSE_DETAIL_SANITIZER;

}  // namespace playhouse
