#pragma once

#include "Catalog.h"

#include <boost/json/object.hpp>

#include <cstddef>

namespace playhouse::streaming {

/// What GET /stream/videos answers: {"videos", "problems", "total"}, with at most `limit` videos from the one at
/// `offset` on, by id. `total` counts all videos.
boost::json::object listVideos(const Library& library, std::size_t offset, std::size_t limit);

}  // namespace playhouse::streaming
