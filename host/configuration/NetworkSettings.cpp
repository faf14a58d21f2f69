#include "SettingsTables.h"

namespace playhouse::host {
namespace {

using Kind = SettingKind;

}  // namespace

std::vector<SettingDescription> networkSettings() {
    return {
        {.key = "server.address",
         .kind = Kind::Address,
         .fallback = "0.0.0.0",
         .meaning =
             "Where to listen: 0.0.0.0 for every IPv4 network, 127.0.0.1 for this machine alone (as behind a proxy).",
         .needsRestart = true},
        {.key = "server.port",
         .kind = Kind::Integer,
         .fallback = "3000",
         .meaning = "The port that viewers connect to; 0 takes any free one.",
         .most = 65535,
         .environmentVariable = "PORT",
         .needsRestart = true},
        {.key = "server.loops",
         .kind = Kind::Integer,
         .fallback = "0",
         .meaning = "Event loops that carry all connections. One a core (0) is best unless the machine is shared.",
         .unit = "loops",
         .most = 256,
         .needsRestart = true},
        {.key = "server.proxy-protocol",
         .kind = Kind::Flag,
         .fallback = "false",
         .meaning =
             "Every connection of one of proxies.trusted to server.port begins with a PROXY header (version 1 or "
             "2); one without is closed. For load balancers that pass on connections, not requests."},

        {.key = "tls.port",
         .kind = Kind::Integer,
         .fallback = "0",
         .meaning = "A port for HTTPS and secure WebSockets, beside server.port; 0 opens none. Needs tls.certificate "
                    "and tls.key.",
         .most = 65535,
         .needsRestart = true},
        {.key = "tls.address",
         .kind = Kind::Address,
         .fallback = "0.0.0.0",
         .meaning = "Where tls.port listens. With server.address = 127.0.0.1 the network gets HTTPS alone.",
         .needsRestart = true},
        {.key = "tls.certificate",
         .kind = Kind::Path,
         .fallback = "",
         .meaning = "PEM file of the server's certificate, and behind it those that lead to its root. It and tls.key "
                    "are read again when they change, and at each reload: new connections get the new ones."},
        {.key = "tls.key",
         .kind = Kind::Path,
         .fallback = "",
         .meaning = "PEM file of the certificate's private key, not encrypted. Only the server should be able to read "
                    "it."},
        {.key = "tls.minimum-version",
         .kind = Kind::Choice,
         .fallback = "1.2",
         .meaning = "The oldest version of TLS to speak; what is older than 1.2 is broken. 1.3 shuts out televisions "
                    "and set-top boxes of before 2019.",
         .choices = {"1.2", "1.3"}},
        {.key = "tls.proxy-protocol",
         .kind = Kind::Flag,
         .fallback = "false",
         .meaning = "As server.proxy-protocol, for tls.port; the header comes before TLS begins."},

        {.key = "proxies.trusted",
         .kind = Kind::List,
         .fallback = "",
         .meaning = "Addresses and networks, such as 192.0.2.1, 10.0.0.0/8, of the proxies that are believed when they "
                    "tell of their clients. Requests of others lose their X-Forwarded-*, X-Real-IP and Forwarded."},
        {.key = "proxies.header",
         .kind = Kind::Choice,
         .fallback = "x-forwarded",
         .meaning = "How those proxies tell: x-forwarded by X-Forwarded-For, -Proto and -Host, forwarded by Forwarded "
                    "(RFC 7239). They have to set or remove each of these, or a client's own word passes for theirs.",
         .choices = {"x-forwarded", "forwarded"}},

        {.key = "http.maximum-header-size",
         .kind = Kind::ByteSize,
         .fallback = "16 KiB",
         .meaning = "Request line and header fields of one request; beyond it 431. Raise it for very long cookies.",
         .least = 1024},
        {.key = "http.maximum-target-size",
         .kind = Kind::ByteSize,
         .fallback = "8 KiB",
         .meaning = "Path and query of one request; beyond it 414. Players that send CMCD in the query need a few KiB.",
         .least = 256},
        {.key = "http.maximum-body-size",
         .kind = Kind::ByteSize,
         .fallback = "1 MiB",
         .meaning = "Body of one request, unless its route says otherwise; beyond it 413. It is held in memory."},
        {.key = "http.maximum-connections",
         .kind = Kind::Integer,
         .fallback = "16000",
         .meaning = "Open connections; further ones get 503 at once, but for 16 that may ask for /healthz, /readyz and "
                    "/metrics. Stay below the process's limit of open files.",
         .unit = "connections",
         .least = 1,
         .most = 10'000'000},
        {.key = "http.maximum-connections-per-address",
         .kind = Kind::Integer,
         .fallback = "4000",
         .meaning =
             "Open connections of one client's address, of an IPv6 one's whole /64; further ones get 503. 0 allows "
             "any number. So high that thousands behind one address of a mobile network fit, and no single one "
             "takes all. Those of proxies.trusted are not counted.",
         .unit = "connections",
         .most = 10'000'000},
        {.key = "http.maximum-requests-in-flight",
         .kind = Kind::Integer,
         .fallback = "10000",
         .meaning = "Requests from their last byte to that of their answer; further ones get 503 before a handler sees "
                    "them. Each viewer of low-latency live video has one that waits nearly all the time.",
         .unit = "requests",
         .least = 1,
         .most = 10'000'000},
        {.key = "http.header-timeout",
         .kind = Kind::Duration,
         .fallback = "10 s",
         .meaning = "From a request's first byte to its last header field; then 408. Short, against slow attackers.",
         .least = 1},
        {.key = "http.body-timeout",
         .kind = Kind::Duration,
         .fallback = "30 s",
         .meaning =
             "From the header fields to the end of the body, and more for what arrives at http.minimum-rate; then 408.",
         .least = 1},
        {.key = "http.idle-timeout",
         .kind = Kind::Duration,
         .fallback = "75 s",
         .meaning = "For which a connection may rest between two requests. Longer than a proxy's in front, or that one "
                    "sends requests into connections that are just being closed.",
         .least = 1},
        {.key = "http.send-timeout",
         .kind = Kind::Duration,
         .fallback = "30 s",
         .meaning =
             "For a client to take its share of the answer, at http.minimum-rate; one that takes less is cut off.",
         .least = 1},
        {.key = "http.minimum-rate",
         .kind = Kind::ByteSize,
         .fallback = "1 KiB",
         .meaning =
             "Bytes a second of a body that a client must send, and take when the answer waits for it. Far below "
             "any usable network, and enough that a byte now and then holds nothing."},
        {.key = "http.compression",
         .kind = Kind::Flag,
         .fallback = "true",
         .meaning = "Compress text (playlists, manifests, JSON) for clients that ask. Off when a proxy does it."},
        {.key = "http.compression-minimum-size",
         .kind = Kind::ByteSize,
         .fallback = "1 KiB",
         .meaning = "Shorter texts are sent as they are: a packet is a packet."},

        {.key = "channels.maximum-message-size",
         .kind = Kind::ByteSize,
         .fallback = "256 KiB",
         .meaning = "One message from a client, unless its route says otherwise; beyond it the channel is closed with "
                    "1009. It is held in memory.",
         .least = 1},
        {.key = "channels.maximum-message-rate",
         .kind = Kind::Integer,
         .fallback = "1000",
         .meaning = "Messages that one client may send in a second, unless its route says otherwise; beyond it the "
                    "channel is closed with 1008. 0 allows any number.",
         .unit = "messages",
         .most = 1'000'000},
        {.key = "channels.maximum-queue-size",
         .kind = Kind::ByteSize,
         .fallback = "1 MiB",
         .meaning = "What may wait for one client that reads slowly; beyond it messages are dropped or the channel is "
                    "closed with 1013, as its route says. So many bytes for each slow client at worst.",
         .least = 1024},
        {.key = "channels.ping-interval",
         .kind = Kind::Duration,
         .fallback = "30 s",
         .meaning = "Of silence, after which a client is asked whether it lives. Shorter than what proxies and home "
                    "routers allow a silent connection, which is 60 s at some.",
         .least = 1000},
        {.key = "channels.pong-timeout",
         .kind = Kind::Duration,
         .fallback = "15 s",
         .meaning = "For a client to answer that; then its connection is dropped. Longer for mobile networks.",
         .least = 1},
        {.key = "channels.close-timeout",
         .kind = Kind::Duration,
         .fallback = "5 s",
         .meaning = "For a client to take the rest and to agree to a close; then its connection is dropped.",
         .least = 1},
        {.key = "channels.compression",
         .kind = Kind::Flag,
         .fallback = "false",
         .meaning = "Compress messages for clients that offer permessage-deflate (RFC 7692). Costs processor time for "
                    "each message and client, so only where the network is dearer."},
        {.key = "channels.compression-minimum-size",
         .kind = Kind::ByteSize,
         .fallback = "256",
         .meaning = "Shorter messages are sent as they are: they hardly shrink."},

        {.key = "cors.allowed-origins",
         .kind = Kind::List,
         .fallback = "",
         .meaning =
             "Sites whose pages may call this server, such as https://player.example; * for any, empty for none."},
        {.key = "cors.allowed-headers",
         .kind = Kind::List,
         .fallback = "Authorization, Content-Type, Range, If-None-Match, If-Modified-Since, If-Range, CMCD-Request, "
                     "CMCD-Object, CMCD-Status, CMCD-Session",
         .meaning = "Header fields that those pages may send. Players need Range, and CMCD ones if they send metrics."},
        {.key = "cors.exposed-headers",
         .kind = Kind::List,
         .fallback =
             "Content-Length, Content-Range, Accept-Ranges, ETag, Date, X-Request-Id, Retry-After, X-RateLimit-Limit, "
             "X-RateLimit-Remaining, X-RateLimit-Reset",
         .meaning = "Header fields that those pages may read. Players need Content-Range, and Date for live."},
        {.key = "cors.preflight-lifetime",
         .kind = Kind::Duration,
         .fallback = "2 h",
         .meaning = "For which a browser may remember a permission; each one it asks for costs a round trip. Whole "
                    "seconds; browsers cap it (Chromium at 2 h)."},
    };
}

}  // namespace playhouse::host
