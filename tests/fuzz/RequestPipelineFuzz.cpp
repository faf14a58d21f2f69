#include "Invariant.h"
#include "edge/Compression.h"
#include "edge/EdgeSettings.h"
#include "edge/ErrorAnswers.h"
#include "edge/RequestParser.h"
#include "edge/ResponsePreparation.h"
#include "routing/RouteTable.h"

#include <playhouse/ApiError.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

// The bytes of one connection: requests, one after the other. Whole, byte by byte, and in pieces they must come out the
// same; then each request is matched, looked at and answered as the edge does it.

namespace {

using namespace playhouse;
using namespace playhouse::host;
using fuzz::require;

constexpr std::size_t largestInput = 4096;
constexpr std::size_t largestBody = 200;
constexpr RequestLimits limits{600, 120};

using Pieces = std::vector<std::string_view>;

/// A request, and what it says of its connection.
struct Read {
    RequestParts parts;
    bool keepsAlive = true;
    bool isHttp10 = false;
};

/// What a connection has read: its requests, and why it stopped.
struct Outcome {
    std::vector<Read> requests;
    RequestFault fault;
};

/// Feeds a parser as a connection does: what was not taken comes again with the next piece behind it.
class Reader {
public:
    Outcome read(const Pieces& pieces) && {
        std::string pending;
        for (const auto piece : pieces) {
            pending += piece;
            if (!take(pending)) break;
        }
        return std::move(outcome_);
    }

private:
    bool take(std::string& pending) {
        while (true) {
            if (!begun_) {
                pending.erase(0, std::min(pending.find_first_not_of("\r\n"), pending.size()));
                if (pending.empty()) return true;
                parts_ = {};
                parts_.requestId = "1";
                parser_.begin(limits, parts_);
                begun_ = true;
            }
            std::size_t consumed = 0;
            const auto progress = parser_.feed(pending, consumed);
            require(consumed <= pending.size(), "a parser takes no more than it is given");
            pending.erase(0, consumed);
            switch (progress) {
                case RequestParser::Progress::NeedMore:
                    return true;
                case RequestParser::Progress::HeadComplete:
                    if (!parser_.allowBody(largestBody)) return fail();
                    break;
                case RequestParser::Progress::Failed:
                    return fail();
                case RequestParser::Progress::Complete:
                    require(parts_.body.size() <= largestBody, "no body is larger than allowed");
                    outcome_.requests.push_back({std::move(parts_), parser_.keepsAlive(), parser_.isHttp10()});
                    begun_ = false;
                    if (!parser_.keepsAlive()) return false;
                    break;
            }
        }
    }

    bool fail() {
        outcome_.fault = parser_.fault();
        require(outcome_.fault.status >= 400 && outcome_.fault.status < 600, "a fault has an error's status");
        require(!outcome_.fault.code.empty() && !outcome_.fault.message.empty(), "a fault says what is wrong");
        return false;
    }

    RequestParser parser_;
    RequestParts parts_;
    Outcome outcome_;
    bool begun_ = false;
};

bool sameHeaders(const Headers& left, const Headers& right) {
    if (left.size() != right.size()) return false;
    for (std::size_t index = 0; index < left.size(); ++index)
        if (left.at(index).name != right.at(index).name || left.at(index).value != right.at(index).value) return false;
    return true;
}

void compare(const Outcome& whole, const Outcome& pieces) {
    require(whole.requests.size() == pieces.requests.size(), "pieces give as many requests as the whole");
    for (std::size_t index = 0; index < whole.requests.size(); ++index) {
        const auto& left = whole.requests[index].parts;
        const auto& right = pieces.requests[index].parts;
        require(left.method == right.method && left.target == right.target && left.path == right.path,
                "pieces give the same request line");
        require(sameHeaders(left.headers, right.headers), "pieces give the same fields");
        require(left.body == right.body, "pieces give the same body");
        require(whole.requests[index].keepsAlive == pieces.requests[index].keepsAlive &&
                    whole.requests[index].isHttp10 == pieces.requests[index].isHttp10,
                "pieces leave the connection as the whole does");
    }
    require(whole.fault.status == pieces.fault.status && whole.fault.message == pieces.fault.message,
            "pieces are refused as the whole is");
}

Pieces cut(std::string_view bytes, std::size_t longest) {
    std::minstd_rand random(static_cast<unsigned>(bytes.size()));
    Pieces pieces;
    while (!bytes.empty()) {
        const auto size = std::min<std::size_t>(bytes.size(), 1 + random() % longest);
        pieces.push_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return pieces;
}

std::shared_ptr<const RouteTable> routes() {
    static const Route route{Method::Get, "/", [](const Request&) { return Response(200); }, {}};
    RouteTable::Builder builder;
    for (const auto* pattern : {"/", "/a", "/stream/{id}/segment-{n}.ts", "/stream/{id}/{file}", "/files/{rest...}",
                                "/{one}/{two}/{three}", "/x{y}z"})
        for (const auto method : {Method::Get, Method::Post})
            builder.add({method, RoutePattern(pattern), {}, "fuzz", nullptr, &route, 0});
    builder.addDisabled("/chat/{rest...}", "chat");
    return std::move(builder).build();
}

void checkHead(const PreparedResponse& prepared, const Request& request) {
    const std::string_view head(prepared.head);
    require(head.starts_with("HTTP/1.1 ") && head.ends_with("\r\n\r\n"), "a head begins and ends as it should");
    require(head.find("\r\n\r\n") == head.size() - 4, "a head ends once");
    for (std::size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1))
        require(head[at - 1] == '\r', "each line of a head ends in CRLF");
    const auto size = prepared.body.size();
    const auto length = head.find("\r\nContent-Length: ");
    if (length == std::string_view::npos || request.method() == Method::Head) return;
    require(size && std::stoull(std::string(head.substr(length + 18))) == *size, "the length is that of the body");
}

void answer(const Request& request, bool keepsAlive, bool isHttp10) {
    static const EdgeSettings settings = [] {
        EdgeSettings made;
        made.compressionMinimumSize = 64;
        made.cors.allowedOrigins = {"https://a.example", "*"};
        return made;
    }();
    static CompressedBodies compressed(64 * 1024);
    const PreparationContext context{settings, compressed, "Sun, 06 Nov 1994 08:49:37 GMT", keepsAlive, isHttp10};
    const auto representation = [] {
        return Response(200)
            .withHeader("Content-Type", "application/json")
            .withHeader("ETag", "\"now\"")
            .withHeader("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")
            .withBody(SharedBuffer(std::string(100, 'a')));
    };
    checkHead(prepareResponse(request, representation(), context), request);
    checkHead(
        prepareResponse(request, errorAnswer(404, "NOT_FOUND", "There is nothing at " + request.path() + "."), context),
        request);
}

void use(Read read) {
    static const auto table = routes();
    auto& parts = read.parts;
    require(parts.path == "*" || parts.path.starts_with('/'), "a path begins with a slash");
    require(("/" + parts.path + "/").find("/../") == std::string::npos, "no path climbs");
    // RFC 9112 section 3.2: of HTTP/1.0 nobody asks it.
    require(parts.headers.contains("Host") || read.isHttp10, "a request names its host");
    const auto match = table->match(parts.method, parts.path, parts.pathParameters);
    if (match.entry) require(match.allowedMethods.empty(), "a match needs no other methods");
    const Request request(std::move(parts));
    for (std::size_t index = 0; index < request.headers().size(); ++index)
        require(request.header(request.headers().at(index).name).has_value(), "each field is found by its name");
    try {
        static_cast<void>(request.query("a"));
        static_cast<void>(request.queryInteger("n", -10, 10));
        static_cast<void>(request.json());
    } catch (const ApiError&) {
        // That is how they refuse.
    }
    answer(request, read.keepsAlive, read.isHttp10);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > largestInput) return -1;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    auto whole = Reader().read({bytes});
    compare(whole, Reader().read(cut(bytes, 1)));
    compare(whole, Reader().read(cut(bytes, 16)));
    compare(whole, Reader().read(cut(bytes, 200)));
    for (auto& read : whole.requests) use(std::move(read));
    return 0;
}
