#include "SpareDescriptor.h"

#include "RefusedConnection.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace playhouse::host {
namespace {

constexpr std::size_t mostAtOnce = 64;

bool somebodyWaits(int listener) noexcept {
    pollfd waiting{listener, POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

SpareDescriptor::SpareDescriptor() noexcept {
    static_cast<void>(reopen());
}

SpareDescriptor::~SpareDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool SpareDescriptor::reopen() noexcept {
    if (descriptor_ < 0) descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    return descriptor_ >= 0;
}

std::size_t SpareDescriptor::turnAway(int listener, std::string_view answer) noexcept {
    std::size_t count = 0;
    // While the spare one is away another listener may take its place, so it goes only when somebody waits.
    while (count < mostAtOnce && somebodyWaits(listener) && reopen()) {
        ::close(std::exchange(descriptor_, -1));
        const int client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0) break;
        // What has come is read before the end, for closing with bytes unread resets the connection, answer and all.
        static_cast<void>(discardInput(client));
        static_cast<void>(::send(client, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        ::shutdown(client, SHUT_WR);
        static_cast<void>(discardInput(client));
        ::close(client);
        ++count;
    }
    static_cast<void>(reopen());
    return count;
}

}  // namespace playhouse::host
