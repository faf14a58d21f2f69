#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace playhouse::host {

/// A configuration that cannot be used. Each problem names its file and line, the key, and what is allowed; all that
/// were found are told at once, one a line of what().
class ConfigurationError : public std::runtime_error {
public:
    explicit ConfigurationError(const std::string& problem) : ConfigurationError(std::vector{problem}) {}
    explicit ConfigurationError(std::vector<std::string> problems)
        : std::runtime_error(joined(problems)), problems_(std::move(problems)) {}

    const std::vector<std::string>& problems() const noexcept { return problems_; }

private:
    static std::string joined(const std::vector<std::string>& problems) {
        std::string text;
        for (const auto& problem : problems) text += (text.empty() ? "" : "\n") + problem;
        return text;
    }

    std::vector<std::string> problems_;
};

}  // namespace playhouse::host
