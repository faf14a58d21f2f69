#include "LoopThread.h"

namespace playhouse::host {
namespace {

thread_local bool isOfALoop = false;

}  // namespace

void markLoopThread() noexcept {
    isOfALoop = true;
}

bool isLoopThread() noexcept {
    return isOfALoop;
}

}  // namespace playhouse::host
