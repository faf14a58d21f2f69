#include "Signals.h"

#include "UserName.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <ctime>

namespace playhouse::host {
namespace {

sigset_t keptSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP}) sigaddset(&signals, signal);
    return signals;
}

std::string senderOf(int signal, const siginfo_t& origin) {
    const auto name = "SIG" + std::string(sigabbrev_np(signal));
    if (origin.si_code == SI_KERNEL) return name + " from the terminal";
    return name + " from " + userName(origin.si_uid);
}

}  // namespace

void keepSignals() {
    const auto signals = keptSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // Writing then fails with a number, which is no reason to stop serving.
    for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

ReceivedSignal waitForSignal(std::chrono::milliseconds patience) {
    const auto signals = keptSignals();
    const timespec time{patience.count() / 1000, patience.count() % 1000 * 1'000'000};
    siginfo_t origin{};
    const int signal = sigtimedwait(&signals, &origin, &time);
    if (signal <= 0) return {};
    return {signal == SIGHUP ? SignalEvent::Reload : SignalEvent::Terminate, senderOf(signal, origin)};
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
