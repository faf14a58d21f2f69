#include "WatchPage.h"
#include "WebFiles.h"

#include <playhouse/Plugin.h>

#include <memory>
#include <optional>
#include <string>

namespace playhouse::watch {
namespace {

/// The page on which people watch.
class WatchPlugin final : public Plugin {
public:
    void start(PluginContext& context) override {
        services_ = &context.services();
        files_ = std::make_unique<WebFiles>(embeddedFiles());
        page_ = std::make_unique<WatchPage>(files_->pageTemplate(), files_->pageHash());

        auto& router = context.router();
        constexpr auto now = Execution::Inline;
        // clang-format off
        router.get("/",                       [this](const Request& request) { return pageOf(request, request.query("video")); }, now);
        router.get("/watch/{videoId}",        [this](const Request& request) { return pageOf(request, request.pathParameter("videoId")); }, now);
        router.get("/watch",                  [](const Request&) { return Response::redirect("/"); }, now);
        router.get("/watch/assets/{file...}", [this](const Request& request) { return files_->asset(request.pathParameter("file")); }, now);
        router.get("/favicon.ico",            [this](const Request&) { return files_->favicon(); }, now);
        // clang-format on
    }

private:
    Response pageOf(const Request& request, const std::optional<std::string>& videoId) const {
        if (!videoId) return page_->forNoVideo();
        const auto catalog = services_->find<VideoCatalog>();
        // Without a catalog nobody can tell what there is: the page finds out when streaming is back.
        if (!catalog) return page_->forNoVideo();
        const auto video = (*catalog)->video(*videoId);
        return video ? page_->forVideo(*video, originOf(request)) : page_->forUnknownVideo();
    }

    const Services* services_ = nullptr;
    std::unique_ptr<WebFiles> files_;
    std::unique_ptr<WatchPage> page_;
};

}  // namespace
}  // namespace playhouse::watch

PLAYHOUSE_PLUGIN(playhouse::watch::WatchPlugin, "watch", "1.0.0")
