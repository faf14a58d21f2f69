#pragma once

#include <filesystem>
#include <string>

namespace playhouse::host {

/// A directory of certificates for localhost, each signed by its own key, made when they are asked for.
class Certificates {
public:
    Certificates();
    ~Certificates();
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    struct Files {
        std::filesystem::path certificate;
        std::filesystem::path key;  ///< mode 0600
    };

    /// @param validDays  from now on; below 0: it has expired already
    Files make(const std::string& name, int validDays = 30) const;

    std::filesystem::path path(const std::string& name) const { return directory_ / name; }

private:
    std::filesystem::path directory_;
};

}  // namespace playhouse::host
