#pragma once

#include "ApiError.h"
#include "Response.h"

#include <memory>

namespace playhouse {

/// The right to answer one request, once, from any thread.
///
/// While it lives, the request does, and the plugin's generation counts as in use. One that is destroyed without an
/// answer answers 500 INTERNAL_ERROR, so that no client waits for ever.
class Responder {
public:
    /// The host's end.
    class Sink {
    public:
        virtual ~Sink();
        virtual void answer(Response response) noexcept = 0;
        virtual void fail(const ApiError& error) noexcept = 0;
        /// The responder is gone without an answer.
        virtual void abandon() noexcept = 0;
        virtual bool clientIsGone() const noexcept = 0;
    };

    explicit Responder(std::shared_ptr<Sink> sink) noexcept : sink_(std::move(sink)) {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;
    ~Responder();

    /// Sends `response`. Throws std::logic_error when it has been answered already.
    void send(Response response);

    /// Sends the error envelope. Throws std::logic_error when it has been answered already.
    void fail(const ApiError& error);

    /// Whether the client has hung up, so that an answer would go nowhere.
    bool clientIsGone() const noexcept;

private:
    std::shared_ptr<Sink> sink_;
};

}  // namespace playhouse
