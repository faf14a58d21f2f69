#pragma once

#include "Catalog.h"

#include <playhouse/Request.h>
#include <playhouse/Response.h>

namespace playhouse::streaming {

/// Answers for whole files of a video: the media for progressive download, subtitles and pictures. Safe from any
/// thread.
class FileHandlers {
public:
    /// `catalog` must outlive the handlers.
    explicit FileHandlers(const Catalog& catalog) : catalog_(catalog) {}

    Response progressive(const Request& request) const;
    Response subtitles(const Request& request) const;
    Response poster(const Request& request) const;
    Response sprite(const Request& request) const;
    Response thumbnailTrack(const Request& request) const;

private:
    const Catalog& catalog_;
};

}  // namespace playhouse::streaming
