#include "Cors.h"

#include <algorithm>

namespace playhouse::host {
namespace {

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) {
        if (!text.empty()) text += ", ";
        text += item;
    }
    return text;
}

bool holds(const std::vector<std::string>& items, std::string_view item) {
    return std::find(items.begin(), items.end(), item) != items.end();
}

}  // namespace

void allowOrigin(const CorsSettings& settings, const Request& request, Headers& response) {
    if (settings.allowedOrigins.empty()) return;
    const bool any = holds(settings.allowedOrigins, "*");
    if (!any) {
        response.add("Vary", "Origin");
        const auto origin = request.header("Origin");
        if (!origin || !holds(settings.allowedOrigins, *origin)) return;
        response.set("Access-Control-Allow-Origin", *origin);
    } else {
        response.set("Access-Control-Allow-Origin", "*");
    }
    if (!settings.exposedHeaders.empty())
        response.set("Access-Control-Expose-Headers", joined(settings.exposedHeaders));
}

bool isPreflight(const Request& request) noexcept {
    return request.method() == Method::Options && request.header("Origin") &&
           request.header("Access-Control-Request-Method");
}

Response optionsAnswer(const CorsSettings& settings, const Request& request, const std::vector<Method>& methods) {
    Response response(204);
    const auto allowed = methodList(methods);
    response.headers().add("Allow", allowed);
    if (!isPreflight(request) || settings.allowedOrigins.empty()) return response;
    response.headers().add("Access-Control-Allow-Methods", allowed);
    const auto wanted = request.header("Access-Control-Request-Headers");
    if (holds(settings.allowedHeaders, "*")) {
        if (wanted) response.headers().add("Access-Control-Allow-Headers", *wanted);
    } else {
        response.headers().add("Access-Control-Allow-Headers", joined(settings.allowedHeaders));
    }
    response.headers().add("Access-Control-Max-Age", std::to_string(settings.preflightLifetime.count()));
    return response;
}

std::string methodList(const std::vector<Method>& methods) {
    std::vector<std::string> names;
    const auto add = [&](Method method) {
        if (const std::string name(toString(method)); !holds(names, name)) names.push_back(name);
    };
    for (const auto method : methods) {
        add(method);
        if (method == Method::Get) add(Method::Head);
    }
    add(Method::Options);
    return joined(names);
}

}  // namespace playhouse::host
