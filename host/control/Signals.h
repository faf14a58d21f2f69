#pragma once

#include <chrono>
#include <string>

namespace playhouse::host {

enum class SignalEvent { None, Terminate, Reload };

struct ReceivedSignal {
    SignalEvent event = SignalEvent::None;
    std::string sender{};  ///< for the audit log: "SIGHUP from uid 0 (root)", "SIGINT from the terminal"
};

/// Keeps SIGINT, SIGTERM, SIGQUIT and SIGHUP for waitForSignal(), in this thread and those it starts, and ignores
/// SIGPIPE and SIGXFSZ (a file at its limit of size). To be called before any thread is started.
void keepSignals();

/// The next of them, or SignalEvent::None when none came within `patience`.
ReceivedSignal waitForSignal(std::chrono::milliseconds patience);

/// From now on SIGINT and SIGTERM end the process at once, with 128 and the signal's number as its exit code.
void letSignalsKill();

}  // namespace playhouse::host
