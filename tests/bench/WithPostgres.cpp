// Runs a command beside a PostgreSQL of its own: with-postgres COMMAND [ARGUMENT ...], with DATABASE_URL in its
// environment. The exit code is the command's; the server and its data go with it. It runs without fsync, as all tests'
// do, so that no disk's time makes two servers alike.

#include <PostgresServer.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

/// As a shell tells it.
int exitCodeOf(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run(char** command) {
    const auto child = ::fork();
    if (child < 0) {
        std::perror("with-postgres: fork");
        return 71;
    }
    if (child == 0) {
        ::execvp(command[0], command);
        std::perror(command[0]);
        ::_exit(127);
    }
    // What ends the command from the terminal is for it to say; the server is to be stopped in any case.
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    int status = 0;
    ::waitpid(child, &status, 0);
    return exitCodeOf(status);
}

}  // namespace

int main(int argumentCount, char** arguments) try {
    if (argumentCount < 2) {
        std::fprintf(stderr, "Usage: with-postgres COMMAND [ARGUMENT ...]\n");
        return 64;
    }
    const playhouse::tests::PostgresServer postgres;
    ::setenv("DATABASE_URL", postgres.url("postgres").c_str(), 1);
    return run(arguments + 1);
} catch (const std::exception& problem) {
    std::fprintf(stderr, "with-postgres: %s\n", problem.what());
    return 1;
}
