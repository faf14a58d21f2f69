// Whom a connection lets through to the handlers, and how often.

#include "ErrorAnswers.h"
#include "HttpConnection.h"
#include "Overload.h"
#include "RequestGuard.h"
#include "platform/WorkerPool.h"

#include <utility>

namespace playhouse::host {

/// False when the request is answered, or when a worker looks at it, after which it goes on by itself.
bool HttpConnection::passesGuard() {
    auto& shared = loop_->shared();
    auto question = exchange().question(loop_->settings().rateLimits);
    if (auto passage = shared.guard.askAtOnce(question)) return isLetThrough(std::move(*passage));
    waitForInput();
    const bool taken =
        workers().submit([self = shared_from_this(), kept = work_->exchange, question = std::move(question)]() mutable {
            auto passage = self->loop_->shared().guard.ask(question);
            kept.reset();
            // The last owner of a connection is to be its loop.
            const auto loop = self->loop_;
            loop->post([connection = std::move(self), passage = std::move(passage)]() mutable {
                connection->goOnAfterGuard(std::move(passage));
            });
        });
    if (taken) return false;
    shared.figures.refusedForWorkers.Increment();
    answer(overloadAnswer("The server has more work than it can take."));
    return false;
}

void HttpConnection::goOnAfterGuard(RequestGuard::Passage passage) {
    // The client has gone.
    if (state_ != State::Handling) return dropWork();
    if (isLetThrough(std::move(passage))) proceed();
    resumeReading();
}

bool HttpConnection::isLetThrough(RequestGuard::Passage passage) {
    exchange().letThrough(std::move(passage.identity), passage.limit);
    if (!passage.refusal) return true;
    answer(std::move(*passage.refusal));
    return false;
}

}  // namespace playhouse::host
