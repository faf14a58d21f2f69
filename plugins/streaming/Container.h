#pragma once

namespace playhouse::streaming {

/// What media segments are wrapped in: MPEG-2 TS, or CMAF (fragmented MP4), which HLS and DASH share.
enum class Container { TransportStream, CommonMedia };

}  // namespace playhouse::streaming
