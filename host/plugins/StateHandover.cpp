#include "StateHandover.h"

#include "Generation.h"
#include "PluginError.h"
#include "ShutdownNotice.h"

#include <string>

namespace playhouse::host {
namespace {

std::string describe(const Generation& generation) {
    return "plugin \"" + generation.id() + "\" " + generation.version();
}

void moveState(Generation& from, Generation& to, const ShutdownNotice& shutdown) {
    const auto timeout = to.settings().holdTimeout;
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const auto limit = "swap.hold-timeout = " + std::to_string(timeout.count()) + " ms";
    if (!shutdown.waitUntil(deadline, [&](auto step) { return from.gate()->waitUntilIdle(step); }))
        throw PluginError("BUSY", describe(from) + " still ran " + std::to_string(from.gate()->leases()) +
                                      " requests or tasks after " + limit +
                                      ", so its state could not be moved; try again, or raise the timeout");
    const auto call = to.call("state", [&from, &to] {
        const auto schema = from.stateSchema().value_or(0);
        to.loadState(schema, from.saveState());
    });
    from.watchSaving(call);
    if (!shutdown.waitUntil(deadline, [&](auto step) { return call->waitUntil(step); }))
        throw PluginError("STATE_REFUSED",
                          describe(from) + " and " + to.version() + " did not hand over the state within " + limit);
}

}  // namespace

bool movesState(const Generation& from, const Generation& to) noexcept {
    return from.stateSchema().has_value() && to.stateSchema().has_value();
}

void handOverState(Generation& from, Generation& to, const ShutdownNotice& shutdown,
                   const std::function<void()>& onHold) {
    // A call that did not return uses the state still, and only one of these may run at a time.
    if (from.isSaving())
        throw PluginError("BUSY", describe(from) +
                                      " has not returned from handing over its state at an earlier swap; "
                                      "disable and enable it to swap without its state");
    // Who reads a schema reads those before it; what comes after it nobody could know.
    if (from.stateSchema() > to.stateSchema())
        throw PluginError("STATE_REFUSED", describe(from) + " keeps its state in schema " +
                                               std::to_string(from.stateSchema().value_or(0)) + ", " + to.version() +
                                               " reads schemas up to " + std::to_string(to.stateSchema().value_or(0)) +
                                               "; disable and enable it to start without its state");
    from.gate()->hold();
    try {
        onHold();
        moveState(from, to, shutdown);
    } catch (...) {
        endHandover(from, to);
        throw;
    }
}

void endHandover(Generation& from, const Generation& to) {
    const auto* const held = to.heldRequests();
    if (!held || !held->isHeld()) from.gate()->open();
}

}  // namespace playhouse::host
