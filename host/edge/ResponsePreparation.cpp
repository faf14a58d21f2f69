#include "ResponsePreparation.h"

#include "ByteRanges.h"
#include "Compression.h"
#include "Conditionals.h"
#include "Cors.h"
#include "ErrorAnswers.h"
#include "LimitFields.h"

#include <charconv>
#include <utility>

namespace playhouse::host {
namespace {

void appendNumber(std::string& text, std::uint64_t number) {
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
    text.append(digits, end);
}

std::string contentRange(const ByteRange& range, std::uint64_t size) {
    std::string text = "bytes ";
    appendNumber(text, range.offset);
    text += '-';
    appendNumber(text, range.offset + range.size - 1);
    text += '/';
    appendNumber(text, size);
    return text;
}

/// Fields by which the host frames and marks a message: one of a plugin's own, such as what it has from a server that
/// it asked, would contradict them.
bool isOfTheHost(std::string_view name) {
    return equalsIgnoreCase(name, "Content-Length") || equalsIgnoreCase(name, "Transfer-Encoding") ||
           equalsIgnoreCase(name, "Date") || equalsIgnoreCase(name, "X-Request-Id");
}

bool isRead(const Request& request) {
    return request.method() == Method::Get || request.method() == Method::Head;
}

/// Works on one response until it is ready to be written.
class Preparation {
public:
    Preparation(const Request& request, Response response, const PreparationContext& context)
        : request_(request),
          context_(context),
          status_(response.status()),
          headers_(std::move(response.headers())),
          body_(response.takeBody()),
          pacing_(response.pacing()) {}

    PreparedResponse run() && {
        if (status_ == 200) {
            applyPreconditions();
            if (status_ == 200 && isRead(request_)) {
                compress();
                applyRange();
            }
        }
        allowOrigin(context_.settings.cors, request_, headers_);
        if (context_.limit) addLimitFields(*context_.limit, headers_);
        return std::move(*this).write();
    }

private:
    void applyPreconditions() {
        const auto outcome = evaluatePreconditions(request_, headers_);
        if (outcome == Precondition::Proceed) return;
        if (outcome == Precondition::NotModified) {
            status_ = 304;
            headers_.remove("Content-Type");
            body_ = Body();
            if (compressibleType()) headers_.add("Vary", "Accept-Encoding");
            return;
        }
        replaceBy(errorAnswer(412, "PRECONDITION_FAILED", "The resource is not in the state that the request names."));
    }

    void replaceBy(Response answer) {
        status_ = answer.status();
        headers_ = std::move(answer.headers());
        body_ = answer.takeBody();
    }

    bool compressibleType() const {
        const auto type = headers_.find("Content-Type");
        return context_.settings.compression && type && isCompressible(*type);
    }

    void compress() {
        if (!compressibleType() || headers_.contains("Content-Encoding") || body_.parts().size() != 1) return;
        const auto* plain = std::get_if<SharedBuffer>(&body_.parts().front());
        if (!plain || plain->size() < context_.settings.compressionMinimumSize) return;
        headers_.add("Vary", "Accept-Encoding");
        if (request_.headers().contains("Range") || !acceptsGzip(request_)) return;
        if (const auto tag = headers_.find("ETag"); tag && !tag->starts_with("W/")) {
            body_ = context_.compressed.of(request_.target() + " " + std::string(*tag), plain->text());
            // The two codings are one resource to a cache but differ in their bytes: a weak validator says so.
            headers_.set("ETag", "W/" + std::string(*tag));
        } else {
            body_ = SharedBuffer(gzip(plain->text()));
        }
        headers_.add("Content-Encoding", "gzip");
    }

    void applyRange() {
        const auto size = body_.size();
        if (!size) return;
        if (headers_.contains("Content-Encoding")) return;
        headers_.add("Accept-Ranges", "bytes");
        const auto header = request_.header("Range");
        if (!header || request_.method() != Method::Get || !rangeIsCurrent(request_, headers_)) return;
        const auto selection = selectRanges(*header, *size);
        if (selection.kind == RangeSelection::Kind::Whole) return;
        if (selection.kind == RangeSelection::Kind::Unsatisfiable) {
            replaceBy(errorAnswer(416, "RANGE_NOT_SATISFIABLE", "No byte of the range is there.", {{"size", *size}}));
            headers_.add("Content-Range", "bytes */" + std::to_string(*size));
            return;
        }
        if (selection.ranges.size() == 1) {
            const auto& range = selection.ranges.front();
            status_ = 206;
            headers_.add("Content-Range", contentRange(range, *size));
            if (auto* source = body_.source()) {
                source->skip(range.offset);
                sourceSize_ = range.size;
            } else {
                body_ = body_.slice(range.offset, range.size);
            }
        } else if (!body_.source()) {
            sendMultipart(selection.ranges, *size);
        }
    }

    /// RFC 9110 section 15.3.7.2.
    void sendMultipart(const std::vector<ByteRange>& ranges, std::uint64_t size) {
        const std::string boundary = "playhouse-" + request_.requestId();
        const std::string type(headers_.find("Content-Type").value_or("application/octet-stream"));
        std::vector<Body::Part> parts;
        for (const auto& range : ranges) {
            std::string partHead = parts.empty() ? "--" : "\r\n--";
            partHead +=
                boundary + "\r\nContent-Type: " + type + "\r\nContent-Range: " + contentRange(range, size) + "\r\n\r\n";
            parts.emplace_back(SharedBuffer(std::move(partHead)));
            const auto slice = body_.slice(range.offset, range.size);
            parts.insert(parts.end(), slice.parts().begin(), slice.parts().end());
        }
        parts.emplace_back(SharedBuffer("\r\n--" + boundary + "--\r\n"));
        status_ = 206;
        headers_.set("Content-Type", "multipart/byteranges; boundary=" + boundary);
        body_ = Body(std::move(parts));
    }

    PreparedResponse write() && {
        PreparedResponse prepared;
        prepared.status = status_;
        prepared.closes = !context_.keepsAlive;
        const bool bodyAllowed = status_ >= 200 && status_ != 204 && status_ != 304;
        const auto size = sourceSize_ ? sourceSize_ : body_.size();
        auto& head = prepared.head;
        head.reserve(512);
        head += "HTTP/1.1 ";
        appendNumber(head, static_cast<std::uint64_t>(status_));
        head.append(" ").append(reasonPhrase(status_)).append("\r\nServer: playhouse\r\nDate: ");
        head.append(context_.date).append("\r\n");
        for (std::size_t index = 0; index < headers_.size(); ++index) {
            const auto field = headers_.at(index);
            if (isOfTheHost(field.name)) continue;
            head.append(field.name).append(": ").append(field.value).append("\r\n");
        }
        if (bodyAllowed) {
            if (size) {
                head += "Content-Length: ";
                appendNumber(head, *size);
                head += "\r\n";
            } else if (!context_.isHttp10) {
                head += "Transfer-Encoding: chunked\r\n";
                prepared.isChunked = true;
            } else {
                prepared.closes = true;
            }
        }
        head.append("X-Request-Id: ").append(request_.requestId()).append("\r\n");
        if (prepared.closes)
            head += "Connection: close\r\n";
        else if (context_.isHttp10)
            head += "Connection: keep-alive\r\n";
        head += "\r\n";
        if (bodyAllowed && request_.method() != Method::Head) {
            prepared.sourceSize = body_.source() ? size : std::nullopt;
            prepared.pacing = pacing_;
            prepared.body = std::move(body_);
        } else {
            prepared.isChunked = false;
        }
        return prepared;
    }

    const Request& request_;
    const PreparationContext& context_;
    int status_;
    Headers headers_;
    Body body_;
    std::optional<std::uint64_t> pacing_;
    std::optional<std::uint64_t> sourceSize_;
};

}  // namespace

PreparedResponse prepareResponse(const Request& request, Response response, const PreparationContext& context) {
    return Preparation(request, std::move(response), context).run();
}

}  // namespace playhouse::host
