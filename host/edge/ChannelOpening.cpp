#include "ChannelOpening.h"

#include "Cors.h"
#include "ErrorAnswers.h"
#include "EventLoop.h"
#include "FieldText.h"
#include "LimitFields.h"
#include "ResponsePreparation.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse::host {
namespace {

constexpr std::string_view compressionExtension = "permessage-deflate";

/// The elements of a list over all fields called `name`.
std::vector<std::string_view> elements(const Headers& headers, std::string_view name, char separator = ',') {
    std::vector<std::string_view> found;
    for (std::size_t index = 0; index < headers.size(); ++index) {
        if (!equalsIgnoreCase(headers.at(index).name, name)) continue;
        auto rest = headers.at(index).value;
        while (true) {
            const auto end = rest.find(separator);
            if (const auto element = trimmed(rest.substr(0, end)); !element.empty()) found.push_back(element);
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 1);
        }
    }
    return found;
}

bool names(const Headers& headers, std::string_view name, std::string_view token) {
    const auto all = elements(headers, name);
    return std::any_of(all.begin(), all.end(), [&](auto each) { return equalsIgnoreCase(each, token); });
}

std::string base64(const unsigned char* bytes, std::size_t size) {
    std::string text((size + 2) / 3 * 4 + 1, '\0');
    text.resize(static_cast<std::size_t>(
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size))));
    return text;
}

/// Whether `key` is the base64 of 16 bytes.
bool isKey(std::string_view key) {
    std::array<unsigned char, 24> decoded{};
    return key.size() == 24 && key.ends_with("==") && key[21] != '=' &&
           EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(key.data()), 24) == 18;
}

std::string acceptOf(std::string_view key) {
    const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    return base64(digest.data(), size);
}

/// Whether `text` is a size of a window, which the client may announce or leave open (RFC 7692 section 7.1.2.2).
bool isWindow(std::string_view text) {
    if (text.size() > 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
    constexpr std::array<std::string_view, 8> windows{"8", "9", "10", "11", "12", "13", "14", "15"};
    return std::find(windows.begin(), windows.end(), text) != windows.end();
}

/// Whether a parameter of an offer of permessage-deflate can be met, which has not come before.
bool takesParameter(std::string_view parameter, std::vector<std::string_view>& before) {
    const auto equals = parameter.find('=');
    const auto name = trimmed(parameter.substr(0, equals));
    if (std::any_of(before.begin(), before.end(), [&](auto each) { return equalsIgnoreCase(each, name); }))
        return false;
    before.push_back(name);
    const bool hasValue = equals != std::string_view::npos;
    if (equalsIgnoreCase(name, "client_max_window_bits"))
        return !hasValue || isWindow(trimmed(parameter.substr(equals + 1)));
    return !hasValue && (equalsIgnoreCase(name, "server_no_context_takeover") ||
                         equalsIgnoreCase(name, "client_no_context_takeover"));
}

/// Whether one of the client's offers of permessage-deflate can be taken (RFC 7692 section 7.1). One that limits our
/// window cannot: what is published is compressed once for all.
bool takesCompression(const Headers& headers) {
    for (const auto offer : elements(headers, "Sec-WebSocket-Extensions")) {
        if (!equalsIgnoreCase(trimmed(offer.substr(0, offer.find(';'))), compressionExtension)) continue;
        bool taken = true;
        std::vector<std::string_view> names;
        auto rest = offer;
        while (taken && rest.find(';') != std::string_view::npos) {
            rest.remove_prefix(rest.find(';') + 1);
            taken = takesParameter(trimmed(rest.substr(0, rest.find(';'))), names);
        }
        if (taken) return true;
    }
    return false;
}

/// Whether a page may open it: browsers let a page of any site ask, and leave it to the server (RFC 6455 section 10.2).
bool originIsAllowed(const Request& request, const CorsSettings& settings) {
    const auto origin = request.header("Origin");
    if (!origin) return true;
    const auto& allowed = settings.allowedOrigins;
    if (std::any_of(allowed.begin(), allowed.end(), [&](const auto& each) { return each == "*" || each == *origin; }))
        return true;
    const auto scheme = origin->find("://");
    return scheme != std::string_view::npos &&
           equalsIgnoreCase(origin->substr(scheme + 3), request.header("Host").value_or(""));
}

/// Stands for the messages to come while the head of a stream is made.
class ComingMessages final : public BodySource {
public:
    std::optional<std::uint64_t> size() const override { return std::nullopt; }
    std::size_t read(std::span<std::byte>) override { return 0; }
};

}  // namespace

void ChannelOpening::refuse(int status, const char* code, std::string message) {
    channel.reset();
    refusal_ = status;
    refusalCode_ = code;
    refusalMessage_ = std::move(message);
}

ChannelOpening ChannelOpening::consider(const Request& request, const RouteEntry& entry, const EdgeSettings& settings) {
    ChannelOpening opening;
    ChannelState::Identity identity;
    identity.id = request.requestId();
    identity.clientAddress = request.clientAddress();
    identity.pluginId = entry.pluginId;
    identity.path = request.path();
    identity.protocol = entry.channel->protocol;
    opening.channel = std::move(identity);
    if (entry.channel->protocol == ChannelRoute::Protocol::WebSocket)
        opening.considerWebSocket(request, entry, settings);
    else if (request.method() != Method::Get)
        opening.refuse(405, "METHOD_NOT_ALLOWED", "A stream of events is for GET.");
    return opening;
}

void ChannelOpening::considerWebSocket(const Request& request, const RouteEntry& entry, const EdgeSettings& settings) {
    const auto& headers = request.headers();
    if (request.method() != Method::Get || !names(headers, "Upgrade", "websocket") ||
        !names(headers, "Connection", "upgrade"))
        return refuse(426, "UPGRADE_REQUIRED", "This path is for WebSockets: connect to it with ws:// or wss://.");
    if (request.header("Sec-WebSocket-Version").value_or("") != "13")
        return refuse(426, "UPGRADE_REQUIRED", "Of WebSocket, version 13 is spoken here.");
    const auto key = request.header("Sec-WebSocket-Key");
    if (!key || !isKey(*key)) return refuse(400, "BAD_REQUEST", "Sec-WebSocket-Key is not the base64 of 16 bytes.");
    if (!request.body().empty()) return refuse(400, "BAD_REQUEST", "A WebSocket's handshake has no body.");
    if (!originIsAllowed(request, settings.cors))
        return refuse(403, "ORIGIN_NOT_ALLOWED", "Pages of this site may not connect; see cors.allowed-origins.");
    if (const auto& spoken = entry.channel->options.subprotocols; !spoken.empty()) {
        const auto offered = elements(headers, "Sec-WebSocket-Protocol");
        const auto chosen = std::find_if(spoken.begin(), spoken.end(), [&](const auto& each) {
            return std::find(offered.begin(), offered.end(), each) != offered.end();
        });
        if (chosen == spoken.end()) {
            std::string list;
            for (const auto& each : spoken) list += (list.empty() ? "" : ", ") + each;
            return refuse(400, "SUBPROTOCOL_REQUIRED", "Offer one of the subprotocols " + list + ".");
        }
        channel->subprotocol = *chosen;
    }
    channel->isCompressed = settings.channels.compression && takesCompression(headers);
    acceptKey_ = acceptOf(*key);
}

Response ChannelOpening::answer(const Request& request) const {
    if (!channel) {
        auto answer = errorAnswer(refusal_, refusalCode_, refusalMessage_);
        if (refusal_ == 426)
            return std::move(answer)
                .withHeader("Upgrade", "websocket")
                .withHeader("Connection", "Upgrade")
                .withHeader("Sec-WebSocket-Version", "13");
        if (refusal_ == 405) return std::move(answer).withHeader("Allow", "GET, OPTIONS");
        return answer;
    }
    if (channel->protocol == ChannelRoute::Protocol::EventStream)
        return Response::stream(std::make_unique<ComingMessages>(), "text/event-stream")
            .withCacheControl("no-store")
            // nginx holds answers back without it.
            .withHeader("X-Accel-Buffering", "no");
    Response answer(101);
    auto& headers = answer.headers();
    headers.add("Upgrade", "websocket");
    headers.add("Connection", "Upgrade");
    headers.add("Sec-WebSocket-Accept", acceptKey_);
    if (!channel->subprotocol.empty()) headers.add("Sec-WebSocket-Protocol", channel->subprotocol);
    if (channel->isCompressed)
        headers.add("Sec-WebSocket-Extensions",
                    std::string(compressionExtension) + "; server_no_context_takeover; client_no_context_takeover");
    headers.add("X-Request-Id", request.requestId());
    return answer;
}

ChannelHead channelHead(const Request& request, Response answer, EventLoop& loop, bool isHttp10,
                        const RateLimitStatus* limit) {
    if (answer.status() != 101) {
        // The connection ends with the stream.
        const PreparationContext context{
            loop.settings(), loop.shared().compressed, loop.date(), false, isHttp10, limit};
        auto prepared = prepareResponse(request, std::move(answer), context);
        return {prepared.status, std::move(prepared.head)};
    }
    if (limit) addLimitFields(*limit, answer.headers());
    std::string text = "HTTP/1.1 101 Switching Protocols\r\nDate: ";
    text.append(loop.date()).append("\r\n");
    for (std::size_t index = 0; index < answer.headers().size(); ++index) {
        const auto field = answer.headers().at(index);
        text.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    return {101, text + "\r\n"};
}

}  // namespace playhouse::host
