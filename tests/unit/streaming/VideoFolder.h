#pragma once

#include <filesystem>
#include <string_view>

namespace playhouse::streaming {

/// Makes a video of 3 s in `folder`, as the library expects one: renditions 72p and 144p at 25 frames a second with a
/// key frame each second, English sound, Spanish sound beside them, English subtitles, a poster, and thumbnails in two
/// sprites. The media is made by ffmpeg once in a run, and copied then. Throws std::runtime_error when ffmpeg fails.
void makeVideoFolder(const std::filesystem::path& folder);

void writeFile(const std::filesystem::path& file, std::string_view content);

/// A new directory under the system's temporary one, removed with this object.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace playhouse::streaming
