#include "Signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

namespace playhouse::host {
namespace {

sigset_t keptSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP}) sigaddset(&signals, signal);
    return signals;
}

}  // namespace

void keepSignals() {
    const auto signals = keptSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

SignalEvent waitForSignal(std::chrono::milliseconds patience) {
    const auto signals = keptSignals();
    const timespec time{patience.count() / 1000, patience.count() % 1000 * 1'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &time);
    if (signal == SIGHUP) return SignalEvent::Reload;
    return signal > 0 ? SignalEvent::Terminate : SignalEvent::None;
}

void letSignalsKill() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM}) {
        std::signal(signal, [](int which) { _exit(128 + which); });
        sigaddset(&signals, signal);
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace playhouse::host
