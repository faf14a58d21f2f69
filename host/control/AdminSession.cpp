#include "AdminSession.h"

#include "AuditLog.h"
#include "edge/ErrorAnswers.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <random>
#include <utility>

namespace playhouse::host {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Error = boost::system::error_code;

constexpr auto lingerTime = std::chrono::seconds(1);
constexpr std::size_t mostDiscarded = 1024 * 1024;

std::string nextRequestId() {
    static const std::uint32_t process = std::random_device{}();
    static std::atomic<std::uint64_t> count{0};
    char text[32];
    std::snprintf(text, sizeof(text), "ctl-%08x-%llu", process, static_cast<unsigned long long>(++count));
    return text;
}

std::optional<Method> parseMethod(std::string_view text) {
    for (const auto method : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete})
        if (toString(method) == text) return method;
    return std::nullopt;
}

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

/// "POST /plugins/chat/swap", for the audit log. The path alone: a query may hold what is nobody's business.
std::string calledOf(const http::request<http::string_body>& message) {
    const auto what = std::string(view(message.method_string())) + " " + std::string(view(message.target()));
    return what.substr(0, std::min<std::size_t>(what.find('?'), 200));
}

}  // namespace

AdminSession::AdminSession(AdminShared& shared, Socket socket, std::string caller, bool needsToken)
    : shared_(shared),
      stream_(std::move(socket)),
      pause_(stream_.get_executor()),
      caller_(std::move(caller)),
      needsToken_(needsToken),
      requestId_(nextRequestId()) {
    parser_.header_limit(shared_.limits.headerBytes);
    parser_.body_limit(shared_.limits.bodyBytes);
}

void AdminSession::start() {
    // One deadline for the whole request: a byte now and then does not renew it.
    stream_.expires_after(shared_.limits.requestTime);
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](const Error& error, std::size_t) { self->onHeader(error); });
}

void AdminSession::stopReading() {
    if (reading_) close();
}

void AdminSession::onHeader(const Error& error) {
    if (error) return refuseMessage(error);
    if (needsToken_) {
        const auto field = parser_.get().find(http::field::authorization);
        std::optional<std::string_view> authorization;
        if (field != parser_.get().end()) authorization = view(field->value());
        const auto verdict = shared_.access.judge(caller_, authorization, std::chrono::steady_clock::now());
        if (verdict != AdminAccess::Verdict::Allowed) return refuseToken(verdict);
    }
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](const Error& problem, std::size_t) { self->onBody(problem); });
}

void AdminSession::onBody(const Error& error) {
    if (error) return refuseMessage(error);
    dispatch();
}

void AdminSession::refuseToken(AdminAccess::Verdict verdict) {
    if (verdict == AdminAccess::Verdict::ShutOut) {
        const auto wait = shared_.access.retryAfter(caller_, std::chrono::steady_clock::now());
        return send(errorAnswer(429, "TOO_MANY_WRONG_TOKENS",
                                "Too many wrong tokens came from " + caller_ + "; it is shut out for " +
                                    std::to_string(wait.count()) + " s.")
                        .withHeader("Retry-After", std::to_string(wait.count())));
    }
    writeAudit(
        {.who = caller_, .action = "call", .detail = calledOf(parser_.get()), .refusal = "no token, or a wrong one"});
    // Slows down whoever tries one after the other.
    pause_.expires_after(shared_.limits.wrongTokenPause);
    pause_.async_wait([self = shared_from_this()](const Error&) {
        self->send(errorAnswer(401, "UNAUTHORIZED",
                               "This needs the server's control.token: Authorization: Bearer TOKEN. playhousectl takes "
                               "it from PLAYHOUSE_TOKEN or --token-file.")
                       .withHeader("WWW-Authenticate", "Bearer realm=\"playhouse\""));
    });
}

void AdminSession::refuseMessage(const Error& error) {
    if (error == http::error::body_limit)
        return send(errorAnswer(413, "PAYLOAD_TOO_LARGE",
                                "The body is larger than " + std::to_string(shared_.limits.bodyBytes) + " bytes."));
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return send(errorAnswer(431, "HEADERS_TOO_LARGE",
                                "The header is larger than " + std::to_string(shared_.limits.headerBytes) + " bytes."));
    const bool isMalformed = error.category() == http::make_error_code(http::error::bad_method).category() &&
                             error != http::error::end_of_stream && error != http::error::partial_message;
    if (isMalformed) return send(errorAnswer(400, "BAD_REQUEST", "This is not HTTP/1.1: " + error.message() + "."));
    close();
}

void AdminSession::dispatch() {
    reading_ = false;
    stream_.expires_never();
    const auto& message = parser_.get();
    RequestParts parts;
    const auto method = parseMethod(view(message.method_string()));
    if (!method)
        return send(
            errorAnswer(501, "NOT_IMPLEMENTED", "No such method: " + std::string(view(message.method_string())) + "."));
    parts.method = *method;
    parts.target = std::string(view(message.target()));
    const auto path = percentDecoded(parts.target.substr(0, parts.target.find('?')));
    if (!path) return send(errorAnswer(400, "BAD_REQUEST", "The path is not percent-encoded rightly."));
    parts.path = *path;
    for (const auto& field : message)
        if (field.name() != http::field::authorization)
            parts.headers.add(view(field.name_string()), view(field.value()));
    parts.body = message.body();
    parts.clientAddress = caller_;
    parts.requestId = requestId_;
    auto work = [self = shared_from_this(), request = std::move(parts)]() mutable {
        auto answer = self->shared_.table.answer(std::move(request));
        auto executor = self->stream_.get_executor();
        boost::asio::post(executor, [session = std::move(self), answer = std::move(answer)]() mutable {
            session->send(std::move(answer));
        });
    };
    // std::function wants what can be copied.
    auto shared = std::make_shared<decltype(work)>(std::move(work));
    if (shared_.workers.submit([shared] { (*shared)(); })) return;
    if (method == Method::Post)
        writeAudit({.who = caller_,
                    .action = "call",
                    .detail = calledOf(message),
                    .refusal = "too many actions wait already"});
    send(errorAnswer(503, "BUSY", "Too many actions wait already; try again.").withHeader("Retry-After", "1"));
}

void AdminSession::send(Response answer) {
    reading_ = false;
    answer_.version(11);
    answer_.result(static_cast<unsigned>(answer.status()));
    answer_.reason(std::string(reasonPhrase(answer.status())));
    for (std::size_t index = 0; index < answer.headers().size(); ++index) {
        const auto field = answer.headers().at(index);
        answer_.set(std::string(field.name), std::string(field.value));
    }
    answer_.set("X-Request-Id", requestId_);
    answer_.set(http::field::cache_control, "no-store");
    answer_.keep_alive(false);
    for (const auto& part : answer.body().parts()) answer_.body() += std::get<SharedBuffer>(part).text();
    answer_.prepare_payload();
    if (parser_.get().method() == http::verb::head) answer_.body().clear();
    stream_.expires_after(shared_.limits.sendTime);
    http::async_write(stream_, answer_, [self = shared_from_this()](const Error& error, std::size_t) {
        if (error)
            self->close();
        else
            self->linger();
    });
}

/// Closing with bytes unread would take the answer from a caller that still sends (RFC 9112 section 9.6).
void AdminSession::linger() {
    Error ignored;
    stream_.socket().shutdown(Socket::shutdown_send, ignored);
    stream_.expires_after(lingerTime);
    drain();
}

void AdminSession::drain() {
    stream_.async_read_some(boost::asio::buffer(discarded_),
                            [self = shared_from_this()](const Error& error, std::size_t count) {
                                self->discardedBytes_ += count;
                                if (error || self->discardedBytes_ > mostDiscarded)
                                    self->close();
                                else
                                    self->drain();
                            });
}

void AdminSession::close() {
    reading_ = false;
    stream_.close();
}

}  // namespace playhouse::host
