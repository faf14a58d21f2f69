#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::streaming {

/// A WebVTT file that breaks its grammar; the text names the line.
class WebVttError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The cues of a WebVTT file (W3C WebVTT section 4), and segments made of them for HLS (RFC 8216 section 3.5).
/// Immutable, and safe from any thread.
class WebVtt {
public:
    struct Cue {
        std::int64_t startMilliseconds = 0;
        std::int64_t endMilliseconds = 0;
        std::string identifier;  ///< or empty
        std::string settings;    ///< "line:0 align:start", or empty
        std::string payload;     ///< lines joined by "\n", without a last line break
    };

    WebVtt() = default;

    /// Throws WebVttError when `file` is not WebVTT in UTF-8, or one of its cues is malformed or ends before it begins.
    explicit WebVtt(std::string_view file);

    const std::vector<Cue>& cues() const noexcept { return cues_; }

    /// A segment of the time from `start` to `end`: every cue that is shown at some time in it, with its own whole
    /// times, so that a cue across a boundary is in both segments. `mpegTimestamp` is what the media calls time 0, in
    /// 90 kHz ticks.
    std::string segment(std::int64_t startMilliseconds, std::int64_t endMilliseconds, std::int64_t mpegTimestamp) const;

private:
    std::string styles_;  ///< STYLE and REGION blocks, which stand before the cues in every segment
    std::vector<Cue> cues_;
};

/// "00:01:02.003"
std::string webVttTime(std::int64_t milliseconds);

}  // namespace playhouse::streaming
