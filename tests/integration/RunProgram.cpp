#include "RunProgram.h"

#include <cppunit/TestAssert.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <future>

namespace {

constexpr int firstInherited = 3;

/// Both ends of a pipe, closed at the latest with this.
class Pipe {
public:
    Pipe() { CPPUNIT_ASSERT_EQUAL(0, ::pipe2(ends_.data(), O_CLOEXEC)); }
    ~Pipe() {
        closeWriteEnd();
        ::close(ends_[0]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int writeEnd() const { return ends_[1]; }
    void closeWriteEnd() {
        if (ends_[1] >= 0) ::close(ends_[1]);
        ends_[1] = -1;
    }
    /// Everything until the last writer has closed it.
    std::string readAll() const {
        std::string text;
        std::array<char, 65536> piece{};
        while (true) {
            const auto count = ::read(ends_[0], piece.data(), piece.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return text;
            text.append(piece.data(), static_cast<std::size_t>(count));
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

/// Pointers as exec wants them, into strings that outlive them.
std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (auto& text : strings) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> variables(const std::map<std::string, std::string>& changes) {
    std::vector<std::string> result;
    for (auto* const* entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!changes.contains(text.substr(0, text.find('=')))) result.push_back(text);
    }
    for (const auto& [name, value] : changes) result.push_back(name + "=" + value);
    return result;
}

}  // namespace

std::map<std::string, std::string> cleanEnvironment(std::map<std::string, std::string> environment) {
    for (const auto* name : {"PORT", "STORAGE_PATH", "DATABASE_URL", "REDIS_URL", "JWT_SECRET", "JWT_EXPIRES_IN",
                             "NODE_ENV", "NOTIFY_SOCKET"})
        environment.emplace(name, "");
    return environment;
}

std::string programPath(const std::string& name) {
    return std::string(PLAYHOUSE_BIN_DIRECTORY) + "/" + name;
}

Finished runProgram(const std::string& program, const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& environment) {
    std::vector<std::string> words{programPath(program)};
    words.insert(words.end(), arguments.begin(), arguments.end());
    auto settings = variables(cleanEnvironment(environment));
    Pipe output;
    Pipe errors;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output.writeEnd(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, errors.writeEnd(), STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, firstInherited);
    ::posix_spawn_file_actions_addchdir_np(&actions, "/");
    pid_t process = 0;
    const int problem = ::posix_spawn(&process, words.front().c_str(), &actions, nullptr, pointers(words).data(),
                                      pointers(settings).data());
    ::posix_spawn_file_actions_destroy(&actions);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(words.front() + ": " + std::strerror(problem), 0, problem);
    output.closeWriteEnd();
    errors.closeWriteEnd();

    auto errorText = std::async(std::launch::async, [&] { return errors.readAll(); });
    Finished finished;
    finished.output = output.readAll();
    finished.errors = errorText.get();
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    finished.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return finished;
}
