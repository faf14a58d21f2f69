#include "ControlCommands.h"

namespace playhouse::host {
namespace {

const OperandDescription pluginId{"ID", Completes::PluginId};
const OptionDescription watchOption{"--watch", "SECONDS", "again and again, every 2 seconds or as said, until Ctrl-C",
                                    Completes::Nothing, true};

constexpr const char* untilConfigured =
    "What this does holds until that plugin's configuration changes, or the "
    "server ends.\n";

std::vector<ControlCommand> describe() {
    return {
        {{.name = "plugins",
          .summary = "Shows the plugins, and how each is",
          .options = {watchOption},
          .explanation = "BEFORE is the version that rollback goes back to.\n"},
         runPlugins},
        {{.name = "status", .summary = "Shows the server itself", .options = {watchOption}}, runStatus},
        {{.name = "logs",
          .summary = "Shows the newest lines of the server's log",
          .options = {{"--follow", "", "goes on with new lines as they come, until Ctrl-C"},
                      {"--plugin", "ID", "lines of this plugin, and what the host says about it", Completes::PluginId},
                      {"--level", "LEVEL", "error, warning, info or debug: this and more important ones",
                       Completes::Level},
                      {"--lines", "N", "how many of the newest, 100 unless said"},
                      {"--request", "ID", "lines of one request: the X-Request-Id of its answer"}},
          .explanation = "The server keeps log.kept-lines of those that log.level lets "
                         "through. With --json and --follow, each\n"
                         "line is one object.\n"},
         runLogs},
        {{.name = "enable",
          .summary = "Takes a plugin into service",
          .operands = {pluginId},
          .explanation = untilConfigured},
         runEnable},
        {{.name = "disable",
          .summary = "Takes a plugin out of service; its paths answer 503 "
                     "SERVICE_DISABLED",
          .operands = {pluginId},
          .explanation = untilConfigured},
         runDisable},
        {{.name = "swap",
          .summary = "Replaces a running plugin without losing a request",
          .operands = {pluginId, {"FILE", Completes::File, true}},
          .explanation = std::string("Its configured library is read afresh, or "
                                     "FILE is taken. When the new version does "
                                     "not start, the\nold one serves on.\n") +
                         untilConfigured},
         runSwap},
        {{.name = "rollback",
          .summary = "Goes back to the version of a plugin that served before",
          .operands = {pluginId},
          .explanation = "With the settings that it had, whatever has become of "
                         "its file.\n"},
         runRollback},
        {{.name = "reload",
          .summary = "Reads the configuration again, as SIGHUP does",
          .explanation = "A configuration with an error is refused whole, and "
                         "the one before stays in use.\n"},
         runReload},
        {{.name = "new",
          .summary = "Makes a new plugin from the SDK's template",
          .operands = {{"NAME"}, {"DIR", Completes::Directory, true}},
          .explanation = "The plugin NAME (a-z, 0-9 and \"-\") in the new "
                         "directory DIR/NAME, or ./NAME.\n"},
         runNew},
        {{.name = "verify",
          .summary = "Tells whether a server like this would load a library",
          .operands = {{"FILE", Completes::File}},
          .options = {{"--key", "PEM", "the public key that it must be signed with", Completes::File}},
          .explanation = "Loads the library into this process, which runs the "
                         "constructors of its static objects.\n"},
         runVerify},
        {{.name = "sign",
          .summary = "Signs a library, for servers with plugins.require-signature",
          .operands = {{"FILE", Completes::File}},
          .options = {{"--key", "PEM", "the private key (openssl genpkey -algorithm ed25519)", Completes::File}},
          .explanation = "Writes FILE.sig, which goes beside the library.\n"},
         runSign},
        {{.name = "completion",
          .summary = "Prints what makes a shell complete these commands",
          .operands = {{"bash", Completes::Shell}},
          .explanation = "For this shell: source <(playhousectl completion bash)\n"},
         runCompletion},
    };
}

}  // namespace

const std::vector<ControlCommand>& controlCommands() {
    static const auto commands = describe();
    return commands;
}

std::vector<const CommandSyntax*> commandSyntaxes() {
    std::vector<const CommandSyntax*> syntaxes;
    for (const auto& command : controlCommands()) syntaxes.push_back(&command.syntax);
    return syntaxes;
}

}  // namespace playhouse::host
