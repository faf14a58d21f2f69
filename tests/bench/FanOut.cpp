#include "FanOut.h"

#include "websockets/Frames.h"

#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <utility>

namespace {

constexpr std::size_t readSize = 256 * 1024;
constexpr std::uint64_t publisherId = UINT64_MAX;
// Between two rounds of reading while saturated, for each subscriber: some messages are read in one call then, so that
// the client takes little of the processors that the server needs. It allows window / readingPause deliveries a second.
constexpr auto readingPause = std::chrono::microseconds(40);
constexpr auto deliveryPatience = std::chrono::seconds(30);

std::chrono::duration<double> ownProcessorTime() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// "NUMBER NANOSECONDS " and letters that change with the number, so that no two messages are alike anywhere.
std::string messageText(std::uint64_t number, std::chrono::steady_clock::time_point time, std::size_t size) {
    std::array<char, FanOut::smallestMessage + 1> head{};
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
    const int length =
        std::snprintf(head.data(), head.size(), "%016llx %016llx ", static_cast<unsigned long long>(number),
                      static_cast<unsigned long long>(nanoseconds));
    std::string text(head.data(), static_cast<std::size_t>(length));
    while (text.size() < size) text.push_back(static_cast<char>('a' + (number + text.size()) % 26));
    return text;
}

/// A text message as a server frames it (RFC 6455 section 5.2).
std::string serverFrame(const std::string& text) {
    std::string frame{static_cast<char>(0x81)};
    if (text.size() < 126) {
        frame.push_back(static_cast<char>(text.size()));
    } else {
        frame.push_back(126);
        frame.push_back(static_cast<char>(text.size() >> 8));
        frame.push_back(static_cast<char>(text.size() & 0xff));
    }
    return frame + text;
}

}  // namespace

FanOut::FanOut(FanOutSettings settings)
    : settings_(std::move(settings)), poll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(readSize) {
    if (settings_.messageSize < smallestMessage || settings_.messageSize > UINT16_MAX)
        throw std::invalid_argument("a message is of " + std::to_string(smallestMessage) + " to 65535 bytes");
    if (settings_.subscribers == 0 || settings_.sources == 0 || settings_.window == 0)
        throw std::invalid_argument("subscribers, sources and window are to be at least 1");
    messages_.resize(settings_.window);
    events_.resize(settings_.subscribers + 1);
    auto opened = websocket::openWebSockets(settings_.subscriber, settings_.subscribers, settings_.sources);
    for (auto& connection : opened) {
        watch(connection.socket.descriptor(), subscribers_.size(), EPOLLIN);
        subscribers_.push_back({std::move(connection.socket), std::move(connection.input)});
    }
    auto publisher = websocket::openWebSockets(settings_.publisher, 1, 1);
    publisher_ = std::move(publisher.front().socket);
    publisherInput_ = std::move(publisher.front().input);
    watch(publisher_.descriptor(), publisherId, EPOLLIN);
}

FanOut::~FanOut() = default;

void FanOut::watch(int descriptor, std::uint64_t id, std::uint32_t events, bool isNew) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    if (::epoll_ctl(poll_.descriptor(), isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) != 0)
        throw std::runtime_error("cannot watch a socket");
}

FanOutFigures FanOut::run(const Phase& phase, const ServerFigures& server) {
    FanOutFigures figures;
    const auto begin = Clock::now();
    const auto measureFrom = begin + std::chrono::duration_cast<Clock::duration>(phase.warmUp);
    const auto measureTo = measureFrom + std::chrono::duration_cast<Clock::duration>(phase.measured);
    const bool isSaturated = phase.messagesPerSecond <= 0;
    const auto interval =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / phase.messagesPerSecond));
    auto due = begin;
    bool measures = false;
    lastProgress_ = begin;
    while (true) {
        const auto now = Clock::now();
        if (!measures && now >= measureFrom) {
            measures = true;
            latencies_ = isSaturated ? nullptr : &figures.latencies;
            figures.deliveries = deliveries_;
            figures.time = now.time_since_epoch();
            figures.serverProcessorTime = server.processorTime();
            figures.ownProcessorTime = ownProcessorTime();
        }
        if (now >= measureTo) {
            latencies_ = nullptr;
            figures.deliveries = deliveries_ - figures.deliveries;
            figures.time = now.time_since_epoch() - figures.time;
            figures.serverProcessorTime = server.processorTime() - figures.serverProcessorTime;
            figures.ownProcessorTime = ownProcessorTime() - figures.ownProcessorTime;
            break;
        }
        if (isSaturated) {
            while (mayPublish()) publish();
        } else {
            for (; due <= now && mayPublish(); due += interval) publish();
        }
        flush();
        if (isSaturated) {
            std::this_thread::sleep_until(now + readingPause * settings_.subscribers);
            receiveAll(std::chrono::nanoseconds(0));
        } else {
            receiveAll(std::max(due - Clock::now(), Clock::duration(0)));
        }
    }
    while (complete_ < published_) {
        flush();
        receiveAll(std::chrono::milliseconds(100));
    }
    std::sort(figures.latencies.begin(), figures.latencies.end());
    return figures;
}

void FanOut::publish() {
    auto& message = messages_[published_ % settings_.window];
    message.published = Clock::now();
    const auto text = messageText(published_, message.published, settings_.messageSize);
    message.frame = serverFrame(text);
    message.missing = subscribers_.size();
    websocket::appendFrame(output_, websocket::Opcode::Text, text);
    ++published_;
}

void FanOut::flush() {
    if (output_.empty()) return;
    const auto sent = ::send(publisher_.descriptor(), output_.data(), output_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) throw std::runtime_error("the publisher's connection is closed");
    if (sent > 0) output_.erase(0, static_cast<std::size_t>(sent));
    if (output_.empty() != outputBlocked_) return;
    outputBlocked_ = !output_.empty();
    watch(publisher_.descriptor(), publisherId, outputBlocked_ ? EPOLLIN | EPOLLOUT : EPOLLIN, false);
}

/// Reads from every socket that has something, after waiting for the first.
void FanOut::receiveAll(std::chrono::nanoseconds patience) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
    const timespec timeout{seconds.count(), (patience - seconds).count()};
    const int count =
        ::epoll_pwait2(poll_.descriptor(), events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
    for (int index = 0; index < count; ++index) {
        const auto id = events_[static_cast<std::size_t>(index)].data.u64;
        if (id == publisherId) {
            readPublisher();
        } else {
            receive(subscribers_[id]);
        }
    }
    if (complete_ == published_) {
        lastProgress_ = Clock::now();
    } else if (count == 0 && Clock::now() - lastProgress_ > deliveryPatience) {
        throw std::runtime_error("message " + std::to_string(complete_) + " has not come to " +
                                 std::to_string(messages_[complete_ % settings_.window].missing) +
                                 " of the subscribers for 30 s");
    }
}

void FanOut::receive(Subscriber& subscriber) {
    auto held = subscriber.partial.size();
    std::memcpy(buffer_.data(), subscriber.partial.data(), held);
    const auto got = ::recv(subscriber.socket.descriptor(), buffer_.data() + held, buffer_.size() - held, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) throw std::runtime_error("a subscriber's connection was cut");
    const auto now = latencies_ != nullptr ? Clock::now() : Clock::time_point();
    std::string_view input(buffer_.data(), held + static_cast<std::size_t>(got));
    while (!input.empty()) {
        const auto& frame = messages_[subscriber.next % settings_.window].frame;
        if (subscriber.next < published_ && input.starts_with(frame)) {
            input.remove_prefix(frame.size());
            delivered(subscriber, now);
        } else {
            const auto before = input.size();
            takeSlowly(subscriber, input);
            if (input.size() == before) break;
        }
    }
    subscriber.partial.assign(input);
    lastProgress_ = latencies_ != nullptr ? now : lastProgress_;
}

/// What is not the message that is to come: part of it, or a ping. Anything else is an error.
void FanOut::takeSlowly(Subscriber& subscriber, std::string_view& input) {
    const auto frame = websocket::takeFrame(input);
    if (!frame) return;
    if (frame->opcode == websocket::Opcode::Ping) {
        std::string pong;
        websocket::appendFrame(pong, websocket::Opcode::Pong, frame->payload);
        static_cast<void>(::send(subscriber.socket.descriptor(), pong.data(), pong.size(), MSG_NOSIGNAL));
        return;
    }
    if (frame->opcode == websocket::Opcode::Close)
        throw std::runtime_error("the server cut a subscriber off: " + websocket::closeText(frame->payload));
    throw std::runtime_error("a subscriber that waits for message " + std::to_string(subscriber.next) + " of " +
                             std::to_string(published_) + " got \"" + std::string(frame->payload) + "\"");
}

void FanOut::delivered(Subscriber& subscriber, Clock::time_point now) {
    auto& message = messages_[subscriber.next % settings_.window];
    ++subscriber.next;
    ++deliveries_;
    if (latencies_ != nullptr)
        latencies_->push_back(static_cast<std::uint32_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(now - message.published).count()));
    // Each subscriber gets them in order, so the oldest is complete first.
    if (--message.missing == 0) {
        ++complete_;
        lastProgress_ = Clock::now();
    }
}

/// The server may tell the publisher about each message; only that it closes matters.
void FanOut::readPublisher() {
    const auto got = ::recv(publisher_.descriptor(), buffer_.data(), buffer_.size(), 0);
    if (got < 0) return;
    if (got == 0) throw std::runtime_error("the publisher's connection was cut");
    publisherInput_.append(buffer_.data(), static_cast<std::size_t>(got));
    std::string_view input = publisherInput_;
    while (const auto frame = websocket::takeFrame(input))
        if (frame->opcode == websocket::Opcode::Close)
            throw std::runtime_error("the server cut the publisher off: " + websocket::closeText(frame->payload));
    publisherInput_.erase(0, publisherInput_.size() - input.size());
}
