#pragma once

#include "../configuration/TemporaryDirectory.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

/// Runs a command of the documentation with the shell; throws when it fails.
inline void runCommand(const std::string& command) {
    if (std::system((command + " 2>/dev/null").c_str()) != 0) throw std::runtime_error("failed: " + command);
}

/// A folder with a pair of keys "NAME.pem" and "NAME.pub.pem" for each name asked for, made as the documentation says.
class KeyFiles {
public:
    struct Pair {
        std::filesystem::path secret;
        std::filesystem::path open;
    };

    Pair make(const std::string& name, const std::string& algorithm = "ed25519") const {
        const Pair pair{path(name + ".pem"), path(name + ".pub.pem")};
        runCommand("openssl genpkey -algorithm " + algorithm + " -out " + pair.secret.string());
        runCommand("openssl pkey -in " + pair.secret.string() + " -pubout -out " + pair.open.string());
        return pair;
    }

    /// A file that may be signed.
    std::filesystem::path library(const std::string& content = "\177ELF and the rest") const {
        return directory_.write("plugin.so", content);
    }

    std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }
    std::filesystem::path write(const std::string& name, const std::string& content) const {
        return directory_.write(name, content);
    }

    /// What `action` throws as std::exception says, or "".
    template <class Action>
    static std::string problemOf(const Action& action) {
        try {
            action();
        } catch (const std::exception& problem) {
            return problem.what();
        }
        return {};
    }

private:
    TemporaryDirectory directory_;
};
