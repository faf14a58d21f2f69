#include <playhouse/Responder.h>

#include <stdexcept>
#include <utility>

namespace playhouse {

Responder::Sink::~Sink() = default;

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        if (sink_) sink_->abandon();
        sink_ = std::move(other.sink_);
    }
    return *this;
}

Responder::~Responder() {
    if (sink_) sink_->abandon();
}

void Responder::send(Response response) {
    if (!sink_) throw std::logic_error("the request has been answered already");
    std::exchange(sink_, nullptr)->answer(std::move(response));
}

void Responder::fail(const ApiError& error) {
    if (!sink_) throw std::logic_error("the request has been answered already");
    std::exchange(sink_, nullptr)->fail(error);
}

bool Responder::clientIsGone() const noexcept {
    return !sink_ || sink_->clientIsGone();
}

}  // namespace playhouse
