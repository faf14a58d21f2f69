#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// A command line that is not understood; the text says what would be.
class ControlUsage : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What may stand in a place of the command line, for completion.
enum class Completes { Nothing, PluginId, File, Directory, Level, Shell };

struct OptionDescription {
    std::string name;     ///< "--lines"
    std::string value;    ///< "N"; empty: it takes none
    std::string meaning;  ///< for people
    Completes completes = Completes::Nothing;
    bool valueMayMiss = false;  ///< then it is a number, so that what follows is told from it
};

struct OperandDescription {
    std::string name;  ///< "ID"
    Completes completes = Completes::Nothing;
    bool mayMiss = false;
};

/// What a command takes; ControlCommands.h says what it does.
struct CommandSyntax {
    std::string name;
    std::string summary;  ///< one line, for the list of commands
    std::vector<OperandDescription> operands{};
    std::vector<OptionDescription> options{};  ///< beside the common ones
    std::string explanation{};                 ///< for --help, in lines of at most 100
                                               ///< characters, each ended
};

/// One command line, taken apart and checked.
struct ControlCall {
    const CommandSyntax* command = nullptr;  ///< null: none was given, as with --help alone
    std::vector<std::string> operands;
    std::map<std::string, std::string, std::less<>> options;  ///< by name; an empty text for one without a value

    bool has(std::string_view option) const { return options.contains(option); }
    std::optional<std::string> option(std::string_view name) const;
    std::optional<std::string> operand(std::size_t index) const;
};

/// The options that every command takes.
const std::vector<OptionDescription>& commonOptions();

/// Takes `words` (without the program's name) apart. Throws ControlUsage,
/// naming the nearest known word.
ControlCall parseControlCall(const std::vector<std::string>& words, const std::vector<const CommandSyntax*>& commands);

/// The text of --help, of the program or of one command.
std::string helpOf(const std::vector<const CommandSyntax*>& commands);
std::string helpOf(const CommandSyntax& command);

}  // namespace playhouse::host
