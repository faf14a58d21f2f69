#pragma once

#include "routing/RouteTable.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace playhouse::host {

/// What the edge counts, in the families it shows at /metrics. Safe from any thread.
class EdgeFigures {
public:
    explicit EdgeFigures(prometheus::Registry& registry);

    prometheus::Gauge& openConnections;
    prometheus::Counter& acceptedConnections;
    prometheus::Family<prometheus::Counter>& refusals;
    prometheus::Counter& refusedForConnections;
    prometheus::Counter& refusedForAddress;
    prometheus::Counter& refusedForDescriptors;
    prometheus::Counter& refusedForRequests;
    prometheus::Counter& refusedForWorkers;
    prometheus::Gauge& requestsInFlight;
    prometheus::Counter& refusedProxyHeaders;
    prometheus::Counter& failedHandshakes;
    prometheus::Counter& receivedBytes;
    prometheus::Counter& sentBytes;
    prometheus::Gauge& openWebSockets;
    prometheus::Gauge& openEventStreams;
    prometheus::Counter& channelMessagesReceived;
    prometheus::Counter& channelMessagesSent;
    prometheus::Counter& channelMessagesDropped;
    prometheus::Counter& slowChannelsClosed;
    prometheus::Family<prometheus::Counter>& requests;
    prometheus::Family<prometheus::Counter>& cut;
    prometheus::Family<prometheus::Counter>& abandoned;
    prometheus::Family<prometheus::Counter>& limited;
    prometheus::Family<prometheus::Histogram>& latency;
};

/// What one loop counts of one route. Used by that loop alone; the counters behind it are shared.
class RouteFigures {
public:
    RouteFigures(EdgeFigures& figures, std::string pluginId, std::string route, std::string method);

    void count(int status, std::chrono::nanoseconds taken);

    /// An answer of its plugin that could not be sent to its end.
    void countCut();

    /// A request beyond the route's limit.
    void countLimited();

    /// An answer of its plugin that the client did not take to its end.
    void countAbandoned();

private:
    EdgeFigures& figures_;
    std::map<std::string, std::string> labels_;
    std::map<int, prometheus::Counter*> byStatus_;
    prometheus::Histogram& latency_;
};

}  // namespace playhouse::host
