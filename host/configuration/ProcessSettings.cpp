#include "SettingsTables.h"

namespace playhouse::host {
namespace {

using Kind = SettingKind;

}  // namespace

std::vector<SettingDescription> processSettings() {
    return {
        {.key = "workers.threads",
         .kind = Kind::Integer,
         .fallback = "16",
         .meaning = "Threads for handlers that may block and for plugins' tasks. More when they mostly wait for disks.",
         .unit = "threads",
         .least = 1,
         .most = 1024,
         .needsRestart = true},
        {.key = "workers.maximum-waiting",
         .kind = Kind::Integer,
         .fallback = "1024",
         .meaning = "Requests that may wait for a thread; further ones get 503 at once rather than a late answer.",
         .unit = "requests",
         .least = 1,
         .most = 1'000'000,
         .needsRestart = true},

        {.key = "storage.path",
         .kind = Kind::Path,
         .fallback = "./storage",
         .meaning =
             "Where everything that outlives the process lies: videos under videos/, plugins' files under plugins/.",
         .environmentVariable = "STORAGE_PATH",
         .needsRestart = true},

        {.key = "plugins.directory",
         .kind = Kind::Path,
         .fallback = "",
         .meaning =
             "Where plugins are found: <id>.so. Empty: ../lib/playhouse/plugins beside the program's own directory "
             "when that is there, else ../lib/plugins."},
        {.key = "plugins.enable-all",
         .kind = Kind::Flag,
         .fallback = "false",
         .meaning =
             "Switch on every plugin that plugin.<id>.enabled does not mention. For demos: otherwise a plugin that "
             "is not mentioned is off."},
        {.key = "plugins.generations-directory",
         .kind = Kind::Path,
         .fallback = "",
         .meaning =
             "Where private copies of plugins lie while they run, so that replacing a file never touches running "
             "code. Must allow execution. Empty: generations/ in storage.path.",
         .needsRestart = true},
        {.key = "plugins.require-signature",
         .kind = Kind::Flag,
         .fallback = "false",
         .meaning = "Load a plugin only when FILE.sig beside it is a signature by one of plugins.trusted-keys, so that "
                    "whoever can write a plugin's file cannot run code in the server. Running plugins stay."},
        {.key = "plugins.trusted-keys",
         .kind = Kind::List,
         .fallback = "",
         .meaning = "PEM files of the Ed25519 public keys that plugins may be signed with, each from the working "
                    "directory when relative. They are read at the start and at each reload."},

        {.key = "swap.start-timeout",
         .kind = Kind::Duration,
         .fallback = "10 s",
         .meaning = "For loading and starting a plugin; a slower one is refused and the version before serves on.",
         .least = 1},
        {.key = "swap.hold-timeout",
         .kind = Kind::Duration,
         .fallback = "5 s",
         .meaning = "For which requests to a plugin with state may wait while its state moves to the next version.",
         .least = 1},
        {.key = "swap.drain-timeout",
         .kind = Kind::Duration,
         .fallback = "30 s",
         .meaning = "For the running requests of a retired version; then it stays in memory until they end.",
         .least = 1},
        {.key = "swap.stop-timeout",
         .kind = Kind::Duration,
         .fallback = "10 s",
         .meaning = "For stopping a retired version; a slower one stays in memory until it has stopped.",
         .least = 1},
        {.key = "swap.health-timeout",
         .kind = Kind::Duration,
         .fallback = "2 s",
         .meaning = "For a plugin to say whether it can serve; one that does not answer in time counts as down.",
         .least = 1},
        {.key = "swap.probation",
         .kind = Kind::Duration,
         .fallback = "30 s",
         .meaning = "For which a new version is watched; when it does worse than the version before, that one comes "
                    "back by itself. 0 s switches it off."},
        {.key = "swap.probation-error-rate",
         .kind = Kind::Integer,
         .fallback = "10",
         .meaning = "Errors (5xx) of each 100 answers, above those of the version before, that end a probation. Lower "
                    "it where every error counts.",
         .unit = "percentage points",
         .most = 100},
        {.key = "swap.probation-minimum-requests",
         .kind = Kind::Integer,
         .fallback = "20",
         .meaning = "Answers before their rate of errors decides; of fewer, 5 or more must all have failed.",
         .unit = "requests",
         .least = 1,
         .most = 1'000'000},
        {.key = "swap.maximum-held-requests",
         .kind = Kind::Integer,
         .fallback = "1024",
         .meaning = "Requests that may wait at once for one plugin whose state moves; further ones get 503.",
         .unit = "requests",
         .most = 1'000'000},
        {.key = "swap.maximum-state-size",
         .kind = Kind::ByteSize,
         .fallback = "64 MiB",
         .meaning = "State that a plugin may hand to its next version. It is held in memory twice for a moment."},
        {.key = "swap.report-patience",
         .kind = Kind::Duration,
         .fallback = "1 s",
         .meaning = "For which a swap waits for the old version to be gone before it reports that it still drains."},

        {.key = "control.enabled",
         .kind = Kind::Flag,
         .fallback = "true",
         .meaning = "Listen for playhousectl. Off: only the configuration and signals steer the server.",
         .needsRestart = true},
        {.key = "control.socket",
         .kind = Kind::Path,
         .fallback = "",
         .meaning = "The Unix socket that playhousectl speaks to. Empty: control.sock in storage.path.",
         .needsRestart = true},
        {.key = "control.socket-mode",
         .kind = Kind::FileMode,
         .fallback = "0600",
         .meaning =
             "Who may use that socket: 0600 this user alone, 0660 its group too. Whoever can may run any library "
             "in the server.",
         .needsRestart = true},
        {.key = "control.address",
         .kind = Kind::Address,
         .fallback = "127.0.0.1",
         .meaning = "Where control.port listens. Nothing encrypts it: keep it to this machine or to a private network.",
         .needsRestart = true},
        {.key = "control.port",
         .kind = Kind::Integer,
         .fallback = "0",
         .meaning =
             "A port for playhousectl on other machines, beside control.socket; 0 opens none. Needs control.token.",
         .most = 65535,
         .needsRestart = true},
        {.key = "control.token",
         .kind = Kind::Text,
         .fallback = "",
         .meaning =
             "The secret that callers of control.port must send; 16 characters at least. Keep it in a file that only "
             "the server reads, or in the environment: -D shows it to every user of the machine.",
         .environmentVariable = "PLAYHOUSE_TOKEN"},

        {.key = "metrics.public",
         .kind = Kind::Flag,
         .fallback = "true",
         .meaning = "Answer GET /metrics on server.port. Off: on control.socket alone."},

        {.key = "log.level",
         .kind = Kind::Choice,
         .fallback = "info",
         .meaning = "The least important lines to write.",
         .choices = {"error", "warning", "info", "debug"}},
        {.key = "log.format",
         .kind = Kind::Choice,
         .fallback = "text",
         .meaning = "text for people, json for machines: one object a line. Both go to standard error.",
         .choices = {"text", "json"}},
        {.key = "log.access",
         .kind = Kind::Flag,
         .fallback = "false",
         .meaning = "Write a line for each request. Costs some speed under load."},
        {.key = "log.kept-lines",
         .kind = Kind::Integer,
         .fallback = "2000",
         .meaning =
             "The newest lines, kept in memory for playhousectl logs; 0 keeps none. At most 8 MiB of them are kept.",
         .unit = "lines",
         .most = 1'000'000},

        {.key = "shutdown.timeout",
         .kind = Kind::Duration,
         .fallback = "20 s",
         .meaning =
             "For running requests after SIGTERM; then they are cut off. Keep it below the supervisor's patience "
             "(Kubernetes: 30 s, systemd: 90 s)."},
        {.key = "configuration.watch",
         .kind = Kind::Flag,
         .fallback = "true",
         .meaning = "Notice changed configuration files without SIGHUP. Off where half-edited files are a worry."},
        {.key = "configuration.watch-interval",
         .kind = Kind::Duration,
         .fallback = "1 s",
         .meaning = "How often to look at them.",
         .least = 50},
    };
}

}  // namespace playhouse::host
