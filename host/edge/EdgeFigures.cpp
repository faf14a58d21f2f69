#include "EdgeFigures.h"

namespace playhouse::host {
namespace {

const prometheus::Histogram::BucketBoundaries latencyBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                            0.05,   0.1,   0.25,   0.5,   1,    2.5};

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& channelGauge(prometheus::Registry& registry, const char* protocol) {
    return prometheus::BuildGauge()
        .Name("playhouse_channels_open")
        .Help("Channels that are open")
        .Register(registry)
        .Add({{"protocol", protocol}});
}

}  // namespace

EdgeFigures::EdgeFigures(prometheus::Registry& registry)
    : openConnections(prometheus::BuildGauge()
                          .Name("playhouse_http_connections")
                          .Help("Connections that are open")
                          .Register(registry)
                          .Add({})),
      acceptedConnections(
          counter(registry, "playhouse_http_connections_accepted_total", "Connections that were accepted")),
      refusals(prometheus::BuildCounter()
                   .Name("playhouse_overload_refusals_total")
                   .Help("Connections and requests that were answered 503 at once, by what there was too much of")
                   .Register(registry)),
      refusedForConnections(refusals.Add({{"reason", "connections"}})),
      refusedForAddress(refusals.Add({{"reason", "connections-per-address"}})),
      refusedForDescriptors(refusals.Add({{"reason", "open-files"}})),
      refusedForRequests(refusals.Add({{"reason", "requests-in-flight"}})),
      refusedForWorkers(refusals.Add({{"reason", "waiting-work"}})),
      requestsInFlight(prometheus::BuildGauge()
                           .Name("playhouse_http_requests_in_flight")
                           .Help("Requests from their last byte to that of their answer")
                           .Register(registry)
                           .Add({})),
      refusedProxyHeaders(counter(registry, "playhouse_http_proxy_headers_refused_total",
                                  "Connections of trusted proxies that were closed for want of a good PROXY header")),
      failedHandshakes(counter(registry, "playhouse_tls_handshakes_failed_total",
                               "Connections that began a TLS handshake and did not come to its end")),
      receivedBytes(counter(registry, "playhouse_http_received_bytes_total", "Bytes received from clients")),
      sentBytes(counter(registry, "playhouse_http_sent_bytes_total", "Bytes sent to clients")),
      openWebSockets(channelGauge(registry, "websocket")),
      openEventStreams(channelGauge(registry, "event-stream")),
      channelMessagesReceived(
          counter(registry, "playhouse_channel_messages_received_total", "Messages that clients sent on channels")),
      channelMessagesSent(counter(registry, "playhouse_channel_messages_sent_total",
                                  "Messages that were sent or published to channels, one for each receiver")),
      channelMessagesDropped(counter(registry, "playhouse_channel_messages_dropped_total",
                                     "Messages that a channel did not get because its client was too slow")),
      slowChannelsClosed(counter(registry, "playhouse_channels_closed_slow_total",
                                 "Channels that were closed because their client was too slow")),
      requests(prometheus::BuildCounter()
                   .Name("playhouse_http_requests_total")
                   .Help("Requests answered, by plugin, route pattern, method and status code")
                   .Register(registry)),
      cut(prometheus::BuildCounter()
              .Name("playhouse_http_answers_cut_total")
              .Help("Answers that ended before their end, as their plugin's body source failed or their file was cut")
              .Register(registry)),
      abandoned(prometheus::BuildCounter()
                    .Name("playhouse_http_answers_abandoned_total")
                    .Help("Requests whose client left before the answer's end, or was cut off for taking it too slowly")
                    .Register(registry)),
      limited(prometheus::BuildCounter()
                  .Name("playhouse_rate_limited_requests_total")
                  .Help("Requests that were answered 429, by plugin and route pattern")
                  .Register(registry)),
      latency(prometheus::BuildHistogram()
                  .Name("playhouse_http_request_duration_seconds")
                  .Help("Time from a request's last byte to its answer's last byte handed to the kernel")
                  .Register(registry)) {}

RouteFigures::RouteFigures(EdgeFigures& figures, std::string pluginId, std::string route, std::string method)
    : figures_(figures),
      labels_{{"plugin", std::move(pluginId)}, {"route", std::move(route)}, {"method", std::move(method)}},
      latency_(figures.latency.Add(labels_, latencyBounds)) {}

void RouteFigures::count(int status, std::chrono::nanoseconds taken) {
    auto& counter = byStatus_[status];
    if (!counter) {
        auto labels = labels_;
        labels["code"] = std::to_string(status);
        counter = &figures_.requests.Add(labels);
    }
    counter->Increment();
    latency_.Observe(std::chrono::duration<double>(taken).count());
}

void RouteFigures::countCut() {
    figures_.cut.Add({{"plugin", labels_.at("plugin")}}).Increment();
}

void RouteFigures::countLimited() {
    figures_.limited.Add({{"plugin", labels_.at("plugin")}, {"route", labels_.at("route")}}).Increment();
}

void RouteFigures::countAbandoned() {
    figures_.abandoned.Add({{"plugin", labels_.at("plugin")}}).Increment();
}

}  // namespace playhouse::host
