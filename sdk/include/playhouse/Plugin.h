#pragma once

#include "PluginContext.h"
#include "PluginDescriptor.h"
#include "State.h"

#include <cstdint>
#include <optional>
#include <string>

namespace playhouse {

/// How a plugin is, for `GET /readyz` and for whoever decides whether a new version may serve.
struct Health {
    enum class Status {
        Up,
        Degraded,  ///< serves, but something is wrong that `detail` names
        Down,      ///< cannot serve; a new version that says so is not published
    };
    Status status = Status::Up;
    std::string detail;
};

/// A service. The host creates one object for each generation, calls start() once, and stop() once when the last
/// request of that generation is answered; then it is destroyed and its library unloaded.
///
/// start(), stop(), saveState() and loadState() are called one after the other, never at once; health() and the
/// registered handlers come from any thread. What any of them throws is caught, logged and reported; a start() that
/// throws leaves the version before in service.
class Plugin {
public:
    virtual ~Plugin();

    /// Reads settings and declares routes, tasks and services. May block for some seconds (`swap.start-timeout`).
    virtual void start(PluginContext& context) = 0;

    /// Releases what start() took beside the registrations, which the host revokes by itself.
    virtual void stop() {}

    /// The schema of the state that this plugin keeps in memory alone, when it has any. With one, a swap holds new
    /// requests, waits for the running ones, and moves the state; without, nobody waits. Asked once, after start().
    virtual std::optional<std::uint32_t> stateSchema() const { return std::nullopt; }

    /// Writes the state. No handler or task of this generation is running then.
    virtual void saveState(StateWriter&) {}

    /// Takes over the state of the generation before, after start() and before any request. A throw (an unknown schema)
    /// keeps the old generation in service.
    virtual void loadState(const StateReader&) {}

    /// How this generation is. Asked often: answer from what is known, and wait for nothing.
    virtual Health health() const { return {}; }
};

}  // namespace playhouse

/// Exports `PluginClass` under an id (a-z, 0-9, "-") and a version ("1.2.3"). Once in a plugin's sources.
#define PLAYHOUSE_PLUGIN(PluginClass, pluginIdText, versionText)                                               \
    extern "C" {                                                                                               \
    extern __attribute__((visibility("default"))) const playhouse::PluginDescriptor playhousePluginDescriptor; \
    const playhouse::PluginDescriptor playhousePluginDescriptor{                                               \
        playhouse::PluginDescriptor::expectedMagic,                                                            \
        sizeof(playhouse::PluginDescriptor),                                                                   \
        playhouse::PluginDescriptor::currentAbiMajor,                                                          \
        playhouse::PluginDescriptor::currentAbiMinor,                                                          \
        playhouse::buildFingerprint,                                                                           \
        pluginIdText,                                                                                          \
        versionText,                                                                                           \
        []() -> playhouse::Plugin* { return new PluginClass; },                                                \
        [](playhouse::Plugin* plugin) { delete plugin; },                                                      \
        &playhouse::detail::playhouseEmbeddedMigrations};                                                      \
    }
