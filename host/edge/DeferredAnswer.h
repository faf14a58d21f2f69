#pragma once

#include "ErrorAnswers.h"
#include "HttpConnection.h"

#include <memory>
#include <utility>

namespace playhouse::host {

/// What a deferred handler's Responder leads to.
class DeferredAnswer final : public Responder::Sink {
public:
    DeferredAnswer(std::shared_ptr<HttpConnection> connection, std::shared_ptr<const Exchange> exchange)
        : connection_(std::move(connection)), exchange_(std::move(exchange)) {}

    void answer(Response response) noexcept override { connection_->answerFromAnywhere(std::move(response)); }
    void fail(const ApiError& error) noexcept override { answer(errorAnswer(error)); }
    void abandon() noexcept override {
        answer(errorAnswer(500, "INTERNAL_ERROR",
                           "The server dropped the request. Its log has more, under the request id.",
                           {{"requestId", exchange_->request().requestId()}}));
    }
    bool clientIsGone() const noexcept override { return connection_->isGone(); }

private:
    std::shared_ptr<HttpConnection> connection_;
    std::shared_ptr<const Exchange> exchange_;
};

}  // namespace playhouse::host
