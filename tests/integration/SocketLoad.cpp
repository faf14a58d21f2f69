#include "SocketLoad.h"

#include "../websockets/Frames.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace {

// Often enough that every swap meets messages under way, and seldom enough that the server is not full with them.
constexpr auto roundPause = std::chrono::milliseconds(25);
constexpr std::uint64_t echoesUnderWay = 3;
constexpr std::uint64_t publishedEachRound = 4;
constexpr std::uint64_t mostBehind = 200;
constexpr auto longestSilence = std::chrono::seconds(60);

constexpr const char* topicPath = "/topics/numbers";

}  // namespace

SocketLoad::SocketLoad(std::uint16_t port, const Counts& counts) : poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    const std::string topic = topicPath;
    channels_.reserve(counts.echoes + counts.subscribers + counts.streams + 1);
    add(Kind::Echo, websocket::openWebSockets({port, "/echo/counted"}, counts.echoes, 4));
    add(Kind::Subscriber, websocket::openWebSockets({port, topic}, counts.subscribers, 4));
    add(Kind::Stream, websocket::openEventStreams({port, topic + "/events"}, counts.streams, 4));
    add(Kind::Publisher, websocket::openWebSockets({port, topic + "/publisher"}, 1, 1));
}

SocketLoad::~SocketLoad() {
    finish();
}

void SocketLoad::add(Kind kind, std::vector<websocket::Connection> connections) {
    for (auto& connection : connections) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = channels_.size();
        ::epoll_ctl(poll_.descriptor(), EPOLL_CTL_ADD, connection.socket.descriptor(), &event);
        channels_.push_back({kind, std::move(connection), {}});
    }
}

void SocketLoad::start() {
    thread_ = std::thread([this] {
        run();
        const std::lock_guard lock(mutex_);
        ended_ = true;
        progress_.notify_all();
    });
}

bool SocketLoad::waitForMessages(std::uint64_t count) const {
    std::unique_lock lock(mutex_);
    progress_.wait(lock, [&] { return received_ >= count || ended_; });
    return received_ >= count;
}

void SocketLoad::finish() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void SocketLoad::run() {
    std::uint64_t lastReceived = 0;
    auto lastProgress = std::chrono::steady_clock::now();
    while (true) {
        for (auto& channel : channels_) send(channel);
        if (stopping_ && std::all_of(channels_.begin(), channels_.end(),
                                     [this](const Channel& channel) { return isComplete(channel); }))
            return;
        std::this_thread::sleep_for(roundPause);
        std::array<epoll_event, 1024> events{};
        const int count = ::epoll_wait(poll_.descriptor(), events.data(), static_cast<int>(events.size()), 0);
        for (int index = 0; index < count; ++index)
            receive(channels_[events.at(static_cast<std::size_t>(index)).data.u64]);
        const auto now = std::chrono::steady_clock::now();
        progress_.notify_all();
        if (const auto received = received_.load(); received != std::exchange(lastReceived, received))
            lastProgress = now;
        if (now - lastProgress < longestSilence) continue;
        for (auto& channel : channels_)
            if (!isComplete(channel)) fail(channel, "nothing more has come for 60 s");
        return;
    }
}

bool SocketLoad::isComplete(const Channel& channel) const {
    if (channel.failed) return true;
    switch (channel.kind) {
        case Kind::Echo:
            return channel.next == channel.sent;
        case Kind::Publisher:
            return channel.output.empty();
        case Kind::Subscriber:
        case Kind::Stream:
            return channel.next == published_;
    }
    return true;
}

void SocketLoad::send(Channel& channel) {
    if (channel.failed) return;
    if (!stopping_ && channel.kind == Kind::Echo)
        while (channel.sent - channel.next < echoesUnderWay)
            websocket::appendFrame(channel.output, websocket::Opcode::Text, std::to_string(channel.sent++));
    if (!stopping_ && channel.kind == Kind::Publisher) {
        auto slowest = published_;
        for (const auto& other : channels_)
            if (!other.failed && (other.kind == Kind::Subscriber || other.kind == Kind::Stream))
                slowest = std::min(slowest, other.next);
        for (std::uint64_t count = 0; count < publishedEachRound && published_ - slowest < mostBehind; ++count)
            websocket::appendFrame(channel.output, websocket::Opcode::Text, std::to_string(published_++));
    }
    flush(channel);
}

void SocketLoad::flush(Channel& channel) {
    if (channel.output.empty()) return;
    const auto sent = ::send(channel.connection.socket.descriptor(), channel.output.data(), channel.output.size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) channel.output.erase(0, static_cast<std::size_t>(sent));
    // That it is closed is seen by receiving, with what the server says about it.
}

void SocketLoad::receive(Channel& channel) {
    if (channel.failed) return;
    std::array<char, 65536> buffer;
    const auto got = ::recv(channel.connection.socket.descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return fail(channel, "it was closed without a word");
    auto& held = channel.connection.input;
    held.append(buffer.data(), static_cast<std::size_t>(got));
    std::string_view input = held;
    if (channel.kind == Kind::Stream) {
        for (std::string_view message; takeEvent(input, message);) take(channel, message);
    } else {
        while (const auto frame = websocket::takeFrame(input)) {
            if (frame->opcode == websocket::Opcode::Ping) {
                websocket::appendFrame(channel.output, websocket::Opcode::Pong, frame->payload);
            } else if (frame->opcode == websocket::Opcode::Text) {
                take(channel, frame->payload);
            } else {
                return fail(channel, "it got " + (frame->opcode == websocket::Opcode::Close
                                                      ? websocket::closeText(frame->payload)
                                                      : std::string("a frame that is no text")));
            }
        }
    }
    held.erase(0, held.size() - input.size());
}

void SocketLoad::take(Channel& channel, std::string_view message) {
    if (channel.failed) return;
    ++received_;
    auto expected = std::to_string(channel.next);
    if (channel.kind == Kind::Echo) {
        ++echoed_;
        // The attribute counts from 1, and only the swap keeps it.
        expected = std::to_string(channel.next + 1) + " " + expected;
    }
    if (message != expected)
        return fail(channel, "it waited for \"" + expected + "\" and got \"" + std::string(message) + "\"");
    ++channel.next;
}

/// Takes one event off an event stream (HTML standard, section 9.2.6), in whatever chunks it comes: the lines of a
/// chunk's size are no fields, and comments keep a stream awake.
bool SocketLoad::takeEvent(std::string_view& input, std::string_view& message) {
    while (true) {
        const auto end = input.find('\n');
        if (end == std::string_view::npos) return false;
        const auto line = input.substr(0, end);
        input.remove_prefix(end + 1);
        if (!line.starts_with("data: ")) continue;
        message = line.substr(6);
        return true;
    }
}

void SocketLoad::fail(Channel& channel, const std::string& what) {
    static constexpr std::array<const char*, 4> names{"echo", "publisher", "subscriber", "event stream"};
    channel.failed = true;
    ::epoll_ctl(poll_.descriptor(), EPOLL_CTL_DEL, channel.connection.socket.descriptor(), nullptr);
    failures_.push_back(std::string(names.at(static_cast<std::size_t>(channel.kind))) + " " +
                        std::to_string(&channel - channels_.data()) + ", after " + std::to_string(channel.next) +
                        " messages: " + what);
}
