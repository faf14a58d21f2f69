#pragma once

#include "Catalog.h"
#include "SegmentCache.h"

#include <playhouse/Metrics.h>
#include <playhouse/Request.h>
#include <playhouse/Response.h>

namespace playhouse::streaming {

/// Answers for media segments. They wait for nothing but the page cache. Safe from any thread.
class SegmentHandlers {
public:
    /// All must outlive the handlers.
    SegmentHandlers(const Catalog& catalog, SegmentCache& cache, Counter& packaged)
        : catalog_(catalog), cache_(cache), packaged_(packaged) {}

    Response transportStreamSegment(const Request& request) const;
    Response commonMediaInitialization(const Request& request) const;
    Response commonMediaSegment(const Request& request) const;
    Response subtitleSegment(const Request& request) const;

private:
    const Catalog& catalog_;
    SegmentCache& cache_;
    Counter& packaged_;
};

}  // namespace playhouse::streaming
