#include "ControlCall.h"

#include "configuration/NearestName.h"

#include <algorithm>

namespace playhouse::host {
namespace {

using Commands = std::vector<const CommandSyntax*>;

const CommandSyntax* findCommand(const Commands& commands, const std::string& name) {
    const auto found =
        std::find_if(commands.begin(), commands.end(), [&](const auto* each) { return each->name == name; });
    return found == commands.end() ? nullptr : *found;
}

const OptionDescription* findOption(const std::vector<OptionDescription>& options, std::string_view name) {
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const auto& each) { return each.name == name; });
    return found == options.end() ? nullptr : &*found;
}

/// An option of that name means the same in every command that has it.
const OptionDescription* findOption(const Commands& commands, std::string_view name) {
    if (const auto* common = findOption(commonOptions(), name)) return common;
    for (const auto* command : commands)
        if (const auto* option = findOption(command->options, name)) return option;
    return nullptr;
}

bool isNumber(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
}

std::vector<std::string> optionNames(const Commands& commands) {
    std::vector<std::string> names;
    for (const auto& option : commonOptions()) names.push_back(option.name);
    for (const auto* command : commands)
        for (const auto& option : command->options) names.push_back(option.name);
    return names;
}

/// Takes the option at words[index], moving on behind its value.
void takeOption(const std::vector<std::string>& words, std::size_t& index, const Commands& commands,
                ControlCall& call) {
    const auto& word = words[index];
    const auto equals = word.find('=');
    const auto name = word == "-h" ? "--help" : word.substr(0, equals);
    const auto* option = findOption(commands, name);
    if (option == nullptr) throw ControlUsage("unknown option " + name + didYouMean(name, optionNames(commands)));
    std::string value;
    if (option->value.empty()) {
        if (equals != std::string::npos) throw ControlUsage(name + " takes no value");
    } else if (equals != std::string::npos) {
        value = word.substr(equals + 1);
        if (value.empty()) throw ControlUsage(name + "= is empty; it needs its " + option->value);
    } else if (option->valueMayMiss) {
        if (index + 1 < words.size() && isNumber(words[index + 1])) value = words[++index];
    } else {
        if (index + 1 == words.size()) throw ControlUsage(name + " needs its " + option->value);
        value = words[++index];
    }
    call.options.insert_or_assign(name, value);
}

void checkOptions(const ControlCall& call) {
    for (const auto& [name, value] : call.options)
        if (findOption(commonOptions(), name) == nullptr && findOption(call.command->options, name) == nullptr)
            throw ControlUsage(call.command->name + " does not take " + name);
}

void checkOperands(const ControlCall& call) {
    const auto& known = call.command->operands;
    for (auto index = call.operands.size(); index < known.size(); ++index)
        if (!known[index].mayMiss) throw ControlUsage(call.command->name + " needs " + known[index].name);
    if (call.operands.size() > known.size())
        throw ControlUsage(call.command->name + " does not take \"" + call.operands.back() + "\"");
}

std::string usageLine(const CommandSyntax& command) {
    std::string line = "playhousectl " + command.name;
    for (const auto& option : command.options) {
        const auto value = option.value.empty()  ? ""
                           : option.valueMayMiss ? "[=" + option.value + "]"
                                                 : " " + option.value;
        line += " [" + option.name + value + "]";
    }
    for (const auto& operand : command.operands)
        line += operand.mayMiss ? " [" + operand.name + "]" : " " + operand.name;
    return line;
}

std::string lines(const std::vector<OptionDescription>& options) {
    constexpr std::size_t column = 22;
    std::string text;
    for (const auto& option : options) {
        auto line = "  " + option.name +
                    (option.value.empty() ? "" : " " + (option.valueMayMiss ? "[" + option.value + "]" : option.value));
        line += std::string(line.size() < column ? column - line.size() : 1, ' ');
        for (const auto character : option.meaning)
            line += character == '\n' ? "\n" + std::string(column, ' ') : std::string(1, character);
        text += line + "\n";
    }
    return text;
}

}  // namespace

std::optional<std::string> ControlCall::option(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> ControlCall::operand(std::size_t index) const {
    return index < operands.size() ? std::optional(operands[index]) : std::nullopt;
}

const std::vector<OptionDescription>& commonOptions() {
    static const std::vector<OptionDescription> options{
        {"--socket", "PATH",
         "the server's control.socket; else $PLAYHOUSE_SOCKET, else "
         "/run/playhouse/control.sock\n"
         "when it is there, else control.sock in $STORAGE_PATH or ./storage",
         Completes::File},
        {"--server", "URL",
         "a server's control.port, such as http://127.0.0.1:9000, in place of a "
         "socket;\n"
         "else $PLAYHOUSE_SERVER. Its token is $PLAYHOUSE_TOKEN, or in "
         "--token-file"},
        {"--token-file", "FILE", "a file whose first line is the server's control.token", Completes::File},
        {"--timeout", "SECONDS",
         "for the server's answer; else 900, as actions have deadlines of their "
         "own"},
        {"--json", "", "JSON on standard output, errors as well"},
        {"--help", "", "this, or what a command does"},
        {"--version", "", "the version of this program"}};
    return options;
}

ControlCall parseControlCall(const std::vector<std::string>& words, const Commands& commands) {
    ControlCall call;
    std::vector<std::string> given;
    bool onlyOperands = false;
    for (std::size_t index = 0; index < words.size(); ++index) {
        if (!onlyOperands && words[index] == "--")
            onlyOperands = true;
        else if (!onlyOperands && words[index].size() > 1 && words[index].front() == '-')
            takeOption(words, index, commands, call);
        else
            given.push_back(words[index]);
    }
    if (given.empty()) {
        if (!call.has("--help") && !call.has("--version")) throw ControlUsage("a command is missing");
        return call;
    }
    call.command = findCommand(commands, given.front());
    if (call.command == nullptr) {
        std::vector<std::string> names;
        for (const auto* command : commands) names.push_back(command->name);
        throw ControlUsage("unknown command \"" + given.front() + "\"" + didYouMean(given.front(), names));
    }
    call.operands.assign(given.begin() + 1, given.end());
    if (call.has("--help")) return call;
    checkOptions(call);
    checkOperands(call);
    return call;
}

std::string helpOf(const Commands& commands) {
    constexpr std::size_t column = 22;
    std::string text =
        "Usage: playhousectl [OPTION ...] COMMAND\n\nSteers a running Playhouse "
        "server, and helps to make plugins for it.\n"
        "\nCommands:\n";
    for (const auto* command : commands) {
        auto line = "  " + command->name;
        for (const auto& operand : command->operands)
            line += operand.mayMiss ? " [" + operand.name + "]" : " " + operand.name;
        text += line + std::string(line.size() < column ? column - line.size() : 1, ' ') + command->summary + "\n";
    }
    return text + "\n\"playhousectl COMMAND --help\" tells more of one.\n\nOptions:\n" + lines(commonOptions()) +
           "\nExit codes: 0 done; 1 refused or failed, and the server goes on as "
           "before; 2 not understood; 3 no server\n"
           "answers; 4 no answer within --timeout, and the action may still be "
           "going on.\n";
}

std::string helpOf(const CommandSyntax& command) {
    auto text = "Usage: " + usageLine(command) + "\n\n" + command.summary + ".\n";
    if (!command.explanation.empty()) text += "\n" + command.explanation;
    if (!command.options.empty()) text += "\nOptions:\n" + lines(command.options);
    return text +
           "\n\"playhousectl --help\" tells the options that every "
           "command takes, and the exit codes.\n";
}

}  // namespace playhouse::host
