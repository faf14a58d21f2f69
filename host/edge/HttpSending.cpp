// How a connection sends its answers.

#include "AccessLog.h"
#include "ChannelConnection.h"
#include "ChannelOpening.h"
#include "ErrorAnswers.h"
#include "HttpConnection.h"
#include "platform/ThrownText.h"
#include "platform/WorkerPool.h"
#include "routing/RequestContext.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>

namespace playhouse::host {
namespace {

using boost::asio::ip::tcp;

constexpr auto lingerTime = std::chrono::milliseconds(1000);
constexpr auto busyWorkersPause = std::chrono::milliseconds(20);

/// What a plugin's code throws, if anything.
template <class Work>
std::optional<std::string> problemOf(const Work& work) {
    try {
        work();
        return std::nullopt;
    } catch (const std::exception& error) {
        return thrownText(error);
    } catch (...) {
        return "something that is no std::exception was thrown";
    }
}

}  // namespace

void HttpConnection::answer(Response response) {
    const auto& settings = loop_->settings();
    auto& request = exchange().request();
    closes_ = draining_ || bodyUnread_ || onReserve_ || !work_->parser.keepsAlive();
    if (auto channel = exchange().takeChannel()) return becomeChannel(std::move(response), std::move(channel));
    const PreparationContext context{settings, loop_->shared().compressed, loop_->date(),
                                     !closes_, work_->parser.isHttp10(),   exchange().limit()};
    PreparedResponse prepared;
    if (const auto problem = problemOf([&] { prepared = prepareResponse(request, std::move(response), context); })) {
        const RequestScope scope(request.requestId());
        Poco::Logger::get("http").error("An answer to " + request.path() + " could not be prepared: " + *problem);
        prepared = prepareResponse(request, errorAnswer(500, "INTERNAL_ERROR", "The server could not send its answer."),
                                   context);
    }
    // Buffers and files are the SDK's; only a source runs code of the plugin.
    if (!prepared.body.source()) exchange().releaseLease();
    status_ = prepared.status;
    closes_ = prepared.closes;
    auto scratch =
        BodySender::needsScratch(prepared) ? loop_->takeScratch(BodySender::scratchSize) : std::vector<std::byte>();
    if (prepared.pacing)
        work_->pacer.emplace(*prepared.pacing, std::chrono::steady_clock::now());
    else
        work_->pacer.reset();
    work_->sender.begin(std::move(prepared), std::move(scratch));
    state_ = State::Sending;
    work_->isWatched = false;
    pump();
}

/// From now on the client has http.send-timeout to take its share.
void HttpConnection::watchTaking() {
    work_->isWatched = true;
    work_->takenBefore = taken();
    setDeadline(loop_->settings().sendTimeout);
}

/// Bytes that the client has acknowledged, since the connection began.
std::int64_t HttpConnection::taken() const {
    return static_cast<std::int64_t>(sent_) - static_cast<std::int64_t>(transport_->unacknowledged());
}

/// What the kernel takes says little of the client, as it buffers megabytes: the client's acknowledgements do.
bool HttpConnection::takesTooSlowly() const {
    const auto progress = taken() - work_->takenBefore;
    // With room left in the kernel, it is the source or the pace that is slow, unless the client takes nothing at all.
    if (!work_->isBlocked) return progress <= 0 && transport_->unacknowledged() > 0;
    const auto& settings = loop_->settings();
    const auto seconds = std::chrono::duration<double>(settings.sendTimeout).count();
    return static_cast<double>(progress) < std::max(1.0, static_cast<double>(settings.minimumRate) * seconds);
}

void HttpConnection::pump() {
    const auto sentBefore = sent_;
    auto& sender = work_->sender;
    auto& pacer = work_->pacer;
    const auto allowed = pacer ? pacer->allowance(std::chrono::steady_clock::now()) : BodySender::unlimited;
    auto allowance = allowed;
    auto progress = BodySender::Progress::NeedsSource;
    while (true) {
        progress = sender.advance(*transport_, sent_, allowance);
        if (progress != BodySender::Progress::NeedsSource) break;
        if (!exchange().entry() || exchange().isInline()) {
            if (const auto problem = fill()) return cut(*problem);
            continue;
        }
        break;
    }
    if (pacer) pacer->spent(allowed - allowance);
    if (sent_ != sentBefore) loop_->shared().figures.sentBytes.Increment(static_cast<double>(sent_ - sentBefore));
    work_->isBlocked = progress == BodySender::Progress::Blocked;
    if (progress != BodySender::Progress::Done && !work_->isWatched) watchTaking();
    switch (progress) {
        case BodySender::Progress::Done:
            return finish();
        case BodySender::Progress::Failed:
            return close();
        case BodySender::Progress::FileEnded:
            return cut("its file has become shorter");
        case BodySender::Progress::NeedsSource:
            return fillOnWorker();
        case BodySender::Progress::Yielded:
            return loop_->post([self = shared_from_this()] { self->goOnSending(); });
        case BodySender::Progress::Paced:
            return loop_->paceTimer().wake(weak_from_this(), pacer->nextTime());
        case BodySender::Progress::Blocked:
            return waitToSend(tcp::socket::wait_write);
        case BodySender::Progress::NeedsInput:
            return waitToSend(tcp::socket::wait_read);
    }
}

void HttpConnection::waitToSend(tcp::socket::wait_type direction) {
    transport_->socket().async_wait(direction, [self = shared_from_this()](const boost::system::error_code& error) {
        if (self->state_ == State::Sending && error) return self->close();
        self->goOnSending();
    });
}

void HttpConnection::goOnSending() {
    if (state_ != State::Sending) return;
    pump();
    resumeReading();
}

void HttpConnection::goOnAtPace() {
    if (!sourceIsBusy_) goOnSending();
}

/// Takes the next bytes of the source; what goes wrong, if anything does.
std::optional<std::string> HttpConnection::fill() {
    return problemOf([this] {
        const RequestScope scope(exchange().request().requestId());
        work_->sender.fill();
    });
}

void HttpConnection::fillOnWorker() {
    sourceIsBusy_ = true;
    const auto work = [self = shared_from_this(),
                       lease = std::make_shared<Lease>(exchange().anotherLease())]() mutable {
        auto problem = self->fill();
        lease->release();
        const auto loop = self->loop_;
        loop->post([self = std::move(self), problem = std::move(problem)] {
            self->sourceIsBusy_ = false;
            if (self->state_ == State::Closed) return self->dropWork();
            if (problem) return self->cut(*problem);
            self->pump();
            self->resumeReading();
        });
    };
    if (workers().submit(work)) return;
    // An answer that has begun is not cut because others have much to do.
    sourceIsBusy_ = false;
    loop_->paceTimer().wake(weak_from_this(), std::chrono::steady_clock::now() + busyWorkersPause);
}

/// Ends the connection in the midst of an answer, by which the client knows that it is not whole.
void HttpConnection::cut(const std::string& problem) {
    {
        const RequestScope scope(exchange().request().requestId());
        Poco::Logger::get("http").error("The answer to " + exchange().request().path() + " was cut: " + problem);
    }
    conclude(Exchange::Ending::Cut);
    close();
}

/// Counts the answer, and lets go of all that belongs to it.
void HttpConnection::conclude(Exchange::Ending ending) {
    if (loop_->settings().accessLog)
        logAccess(exchange().request(), status_, std::chrono::steady_clock::now() - exchange().begin);
    loop_->keepScratch(work_->sender.clear());
    exchange().finish(status_, ending);
    work_->inWork.end();
}

void HttpConnection::finish() {
    conclude(Exchange::Ending::Whole);
    // A handler that still holds the exchange keeps it; the connection goes on with a new one.
    if (work_->exchange.use_count() > 1) work_->exchange = std::make_shared<Exchange>();
    requestBegun_ = false;
    if (!closes_) {
        state_ = State::Reading;
        setDeadline(loop_->settings().idleTimeout);
        return;
    }
    // Further requests, or an empty line behind a body, may have come that nobody reads.
    if (!bodyUnread_ && transport_->peek() != Transport::Status::Done) return close();
    linger();
}

/// Reads on for a moment what nobody asks for, and ends then.
void HttpConnection::linger() {
    transport_->endSending();
    state_ = State::Lingering;
    work_.reset();
    setDeadline(lingerTime);
    waitForInput();
}

/// Leaves the socket to the channel that the route's plugin has agreed to.
void HttpConnection::becomeChannel(Response response, std::shared_ptr<ChannelState> channel) {
    const auto self = shared_from_this();
    auto head =
        channelHead(exchange().request(), std::move(response), *loop_, work_->parser.isHttp10(), exchange().limit());
    if (loop_->settings().accessLog)
        logAccess(exchange().request(), head.status, std::chrono::steady_clock::now() - exchange().begin);
    auto connection = std::make_shared<ChannelConnection>(loop_, std::move(transport_), std::move(channel),
                                                          *exchange().entry(), !work_->parser.isHttp10());
    exchange().finish(head.status);
    auto input = std::move(work_->pending);
    work_.reset();
    state_ = State::Closed;
    loop_->remove(*this);
    connection->start(std::move(head.text), std::move(input));
}

}  // namespace playhouse::host
