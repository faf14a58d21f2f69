#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse {

/// What can be streamed, for other services. Safe from any thread.
class VideoCatalog {
public:
    static constexpr std::string_view serviceId = "playhouse.video-catalog/1";

    /// One video that can be streamed.
    struct Video {
        std::string id;
        std::string title;
        std::string description;
        std::chrono::milliseconds duration{};
        int width = 0;  ///< of the tallest rendition, in pixels
        int height = 0;
        std::string posterPath;  ///< path on this server, or empty
    };

    virtual ~VideoCatalog();
    virtual std::vector<Video> videos() const = 0;

    /// The video of this id, or nothing.
    virtual std::optional<Video> video(std::string_view id) const = 0;
};

}  // namespace playhouse
