#pragma once

#include "Bus.h"
#include "Cache.h"
#include "Channel.h"
#include "Clock.h"
#include "Database.h"
#include "Identity.h"
#include "Logger.h"
#include "Metrics.h"
#include "Router.h"
#include "Services.h"
#include "Settings.h"
#include "Storage.h"
#include "Tasks.h"

#include <string_view>

namespace playhouse {

/// Everything a plugin gets from its host. What is registered through it belongs to the plugin's generation, and the
/// host revokes what is left when that is retired. Valid from start() until stop() has returned.
class PluginContext {
public:
    virtual ~PluginContext();

    /// The id that PLAYHOUSE_PLUGIN declares.
    virtual std::string_view pluginId() const = 0;

    virtual Router& router() = 0;
    virtual Settings& settings() = 0;
    virtual Logger& logger() = 0;
    virtual Metrics& metrics() = 0;
    virtual Clock& clock() = 0;
    virtual Tasks& tasks() = 0;
    virtual Storage& storage() = 0;
    virtual Database& database() = 0;
    virtual Services& services() = 0;
    virtual Channels& channels() = 0;
    virtual Cache& cache() = 0;
    virtual Bus& bus() = 0;
    virtual Identities& identity() = 0;
};

}  // namespace playhouse
