#pragma once

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <stdexcept>
#include <string>

namespace playhouse::host {

/// The value of a figure, such as name{label="value"}, as it is shown at /metrics.
inline double figureOf(const prometheus::Registry& registry, const std::string& name) {
    const auto text = prometheus::TextSerializer().Serialize(registry.Collect());
    const auto at = text.find("\n" + name + " ");
    if (at == std::string::npos) throw std::runtime_error("no figure " + name);
    return std::stod(text.substr(at + name.size() + 2));
}

}  // namespace playhouse::host
