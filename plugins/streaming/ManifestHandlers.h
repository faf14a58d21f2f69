#pragma once

#include "Catalog.h"

#include <playhouse/Request.h>
#include <playhouse/Response.h>

namespace playhouse::streaming {

/// Answers for everything that describes media. None of them waits. Safe from any thread.
class ManifestHandlers {
public:
    /// `catalog` must outlive the handlers.
    explicit ManifestHandlers(const Catalog& catalog) : catalog_(catalog) {}

    Response videos(const Request& request) const;
    Response masterPlaylist(const Request& request) const;
    Response mediaPlaylist(const Request& request) const;
    Response keyFramePlaylist(const Request& request) const;
    Response dashManifest(const Request& request) const;

private:
    const Catalog& catalog_;
};

}  // namespace playhouse::streaming
