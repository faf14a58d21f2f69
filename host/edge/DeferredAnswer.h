#pragma once

#include "ErrorAnswers.h"
#include "HttpConnection.h"

#include <atomic>
#include <memory>
#include <utility>

namespace playhouse::host {

/// What a deferred handler's Responder leads to. Safe from any thread.
///
/// Until it is answered, the connection may withdraw the request to ask it of another generation; nothing that the
/// first one answers then reaches anybody.
class DeferredAnswer final : public Responder::Sink {
public:
    DeferredAnswer(std::shared_ptr<HttpConnection> connection, std::shared_ptr<const Exchange> exchange)
        : connection_(std::move(connection)), exchange_(std::move(exchange)) {}

    /// Makes the handler's answer count for nothing. False when it has come already.
    bool withdraw() noexcept { return settle(State::Withdrawn); }
    bool isWithdrawn() const noexcept { return state_.load(std::memory_order_acquire) == State::Withdrawn; }

    void answer(Response response) noexcept override {
        if (settle(State::Answered)) connection_->answerFromAnywhere(std::move(response));
    }
    void fail(const ApiError& error) noexcept override { answer(errorAnswer(error)); }
    void abandon() noexcept override {
        answer(errorAnswer(500, "INTERNAL_ERROR",
                           "The server dropped the request. Its log has more, under the request id.",
                           {{"requestId", exchange_->request().requestId()}}));
    }
    bool clientIsGone() const noexcept override { return isWithdrawn() || connection_->isGone(); }

private:
    enum class State { Waiting, Answered, Withdrawn };

    bool settle(State state) noexcept {
        auto waiting = State::Waiting;
        return state_.compare_exchange_strong(waiting, state, std::memory_order_acq_rel);
    }

    std::atomic<State> state_{State::Waiting};
    std::shared_ptr<HttpConnection> connection_;
    std::shared_ptr<const Exchange> exchange_;
};

}  // namespace playhouse::host
