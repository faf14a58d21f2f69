#include "PluginRecord.h"

namespace playhouse::host {

PluginStatus statusOf(const PluginRecord& record) {
    PluginStatus status;
    status.id = record.configured.id;
    status.state = record.state;
    status.error = record.error;
    status.library = record.configured.library;
    status.swaps = record.swaps;
    status.since = record.since;
    status.notice = record.notice;
    if (record.before) status.previousVersion = record.before->version;
    if (record.trial) status.probationUntil = record.trial->shownUntil;
    if (const auto& generation = record.serving) {
        status.version = generation->version();
        status.generation = generation->number();
        status.library = generation->origin();
        status.routes = record.routes;
    }
    return status;
}

}  // namespace playhouse::host
