#pragma once

#include "Admission.h"
#include "BriefConnection.h"

#include <memory>
#include <string_view>

namespace playhouse::host {

/// A connection that is told why it is refused, and nothing else: what its client sends is read and forgotten until it
/// closes or a second is over, since closing with bytes unread would destroy the answer on its way (RFC 9112 section
/// 9.6).
class RefusedConnection final : public BriefConnection {
public:
    /// @param seat  one of Admission::turnAway()
    RefusedConnection(std::shared_ptr<EventLoop> loop, boost::asio::ip::tcp::socket socket, Admission::Seat seat);
    ~RefusedConnection() override;

    void start(std::string_view answer);

private:
    void onReadable() override;

    Admission::Seat seat_;
};

/// Reads what has come on `socket`, without waiting for more, and forgets it. False when the client has ended, or sends
/// faster than it is read.
bool discardInput(int socket) noexcept;

}  // namespace playhouse::host
