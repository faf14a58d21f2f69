#pragma once

#include "EdgeSettings.h"

#include <playhouse/Request.h>

namespace playhouse::host {

/// Makes a request say what its client sees. Believes what a trusted proxy adds, in X-Forwarded-For, -Proto and -Host
/// or in Forwarded (RFC 7239), whichever the settings name: it becomes the request's clientAddress and scheme, and its
/// Host header. Then takes all headers of this kind out of the request, whoever sent them: no plugin is to trust one by
/// accident.
///
/// The client is the rightmost address in the list that is not a trusted proxy itself, since what stands left of it is
/// the client's own word; scheme and host are those of the same hop.
///
/// @param isTrusted  whether the request comes from one of the trusted proxies
void takeForwarded(RequestParts& parts, const ProxySettings& proxies, bool isTrusted);

}  // namespace playhouse::host
