#include "control/ControlCommand.h"

#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

/// Ctrl-C is how a watch ends, and nothing that went wrong. A terminal goes on
/// below what was drawn.
void endOnInterrupt() {
    std::signal(SIGINT, [](int) {
        if (::isatty(STDOUT_FILENO) == 1) static_cast<void>(::write(STDOUT_FILENO, "\n", 1) == 1);
        ::_exit(0);
    });
}

bool waitOn(std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
    return true;
}

bool watches(const std::vector<std::string>& words) {
    for (const auto& word : words)
        if (word == "--follow" || word.starts_with("--watch")) return true;
    return false;
}

}  // namespace

int main(int argumentCount, char** arguments) {
    const std::vector<std::string> words(arguments + 1, arguments + argumentCount);
    if (watches(words)) endOnInterrupt();
    const playhouse::host::ControlPlace place{
        .out = std::cout, .err = std::cerr, .isTerminal = ::isatty(STDOUT_FILENO) == 1, .pause = waitOn};
    return static_cast<int>(playhouse::host::runControlCommand(words, place));
}
