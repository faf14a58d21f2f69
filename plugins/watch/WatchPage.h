#pragma once

#include <playhouse/Request.h>
#include <playhouse/Response.h>
#include <playhouse/VideoCatalog.h>

#include <optional>
#include <string>
#include <string_view>

namespace playhouse::watch {

/// The page itself. It is the same for every video but for its head, which tells search engines and messengers what is
/// to be seen (the Open Graph protocol, ogp.me).
///
/// Safe to use from any thread.
class WatchPage {
public:
    /// @param pageTemplate  HTML with one `<!--playhouse:head-->`; throws std::invalid_argument for another
    /// @param hash          of the template
    WatchPage(std::string_view pageTemplate, std::string_view hash);

    /// The page without a video in its head.
    Response forNoVideo() const;

    /// The page of `video`. `origin` is this server's as the client knows it, "https://example.org"; without one the
    /// head leaves out what needs an absolute address.
    Response forVideo(const VideoCatalog::Video& video, const std::optional<std::string>& origin) const;

    /// The page with status 404: its script says what is wrong, and shows what is there.
    Response forUnknownVideo() const;

private:
    Response page(int status, const std::string& head) const;

    std::string beforeHead_;
    std::string afterHead_;
    std::string hash_;
};

/// The origin that the client sent `request` to: the scheme by X-Forwarded-Proto, "http" without; the host by Host.
/// Nothing when Host is absent or is no host and port.
std::optional<std::string> originOf(const Request& request);

}  // namespace playhouse::watch
