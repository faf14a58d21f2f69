#include "UserName.h"

#include <pwd.h>

#include <array>

namespace playhouse::host {

std::string userName(uid_t user) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    std::string name = "uid " + std::to_string(user);
    if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        name += std::string(" (") + found->pw_name + ")";
    return name;
}

}  // namespace playhouse::host
