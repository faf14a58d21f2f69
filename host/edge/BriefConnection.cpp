#include "BriefConnection.h"

#include "EventLoop.h"

#include <utility>

namespace playhouse::host {

using boost::asio::ip::tcp;

BriefConnection::BriefConnection(std::shared_ptr<EventLoop> loop, tcp::socket socket)
    : loop_(std::move(loop)), socket_(std::move(socket)) {}

BriefConnection::~BriefConnection() = default;

void BriefConnection::begin(std::chrono::milliseconds patience) {
    deadline_ = std::chrono::steady_clock::now() + patience;
    loop_->add(shared_from_this());
}

void BriefConnection::waitForInput() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        if (!self->socket_.is_open()) return;
        if (error) return self->close();
        self->onReadable();
    });
}

void BriefConnection::close() {
    if (!socket_.is_open()) return;
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    socket_.close(ignored);
    loop_->remove(*this);
}

}  // namespace playhouse::host
