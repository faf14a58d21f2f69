#include "Completion.h"

#include "BashCompletionScript.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>
#include <ostream>

namespace playhouse::host {
namespace {

/// A line as its user sees it, up to and with the word that is being typed.
struct TypedLine {
    std::vector<std::string> before;  ///< whole words, without the program's name
    std::string current;
    std::string option;  ///< of "--option=current"
};

/// Puts together what bash has taken apart: "--level", "=", "inf" is one word.
TypedLine typedLine(const std::vector<std::string>& words, std::size_t index) {
    TypedLine line;
    std::vector<std::string> whole;
    bool glue = false;
    for (std::size_t place = 1; place <= index && place < words.size(); ++place) {
        const bool isBreak = words[place] == "=" || words[place] == ":";
        if ((isBreak || glue) && !whole.empty())
            whole.back() += words[place];
        else
            whole.push_back(words[place]);
        glue = isBreak;
    }
    if (whole.empty()) return line;
    line.current = whole.back();
    whole.pop_back();
    line.before = std::move(whole);
    const auto equals = line.current.find('=');
    if (line.current.starts_with("--") && equals != std::string::npos) {
        line.option = line.current.substr(0, equals);
        line.current.erase(0, equals + 1);
    }
    return line;
}

/// What is known of the line before the word that is being typed.
struct Progress {
    ControlCall call;
    const OptionDescription* open = nullptr;  ///< whose value comes next
    bool onlyOperands = false;
};

const OptionDescription* findOption(const CommandSyntax* command, const std::string& name) {
    const auto in = [&](const std::vector<OptionDescription>& options) -> const OptionDescription* {
        for (const auto& option : options)
            if (option.name == name) return &option;
        return nullptr;
    };
    if (const auto* common = in(commonOptions())) return common;
    return command == nullptr ? nullptr : in(command->options);
}

Progress progressOf(const std::vector<std::string>& before) {
    Progress progress;
    for (const auto& word : before) {
        if (progress.open != nullptr) {
            progress.call.options[progress.open->name] = word;
            progress.open = nullptr;
        } else if (!progress.onlyOperands && word == "--") {
            progress.onlyOperands = true;
        } else if (!progress.onlyOperands && word.starts_with("--")) {
            const auto equals = word.find('=');
            const auto* option = findOption(progress.call.command, word.substr(0, equals));
            if (option == nullptr) continue;
            if (equals != std::string::npos)
                progress.call.options[option->name] = word.substr(equals + 1);
            else if (option->value.empty())
                progress.call.options[option->name] = "";
            else if (!option->valueMayMiss)
                progress.open = option;
        } else if (progress.call.command == nullptr) {
            for (const auto* syntax : commandSyntaxes())
                if (syntax->name == word) progress.call.command = syntax;
        } else {
            progress.call.operands.push_back(word);
        }
    }
    return progress;
}

std::vector<std::string> optionNames(const CommandSyntax* command) {
    std::vector<std::string> names;
    if (command != nullptr)
        for (const auto& option : command->options) names.push_back(option.name);
    for (const auto& option : commonOptions()) names.push_back(option.name);
    return names;
}

std::vector<std::string> commandNames() {
    std::vector<std::string> names;
    for (const auto* syntax : commandSyntaxes()) names.push_back(syntax->name);
    return names;
}

std::vector<std::string> askForPlugins(const ControlCall& call, const ControlPlace& place) {
    std::vector<std::string> ids;
    try {
        const auto answer = ControlSession(call, place).hastyClient().get("/plugins");
        for (const auto& plugin : answer.json.as_object().at("data").as_object().at("plugins").as_array())
            ids.emplace_back(plugin.as_object().at("id").as_string());
    } catch (const std::exception&) {
        // No server, no names; a message would stand in the middle of the line that
        // is being typed.
        return {};
    }
    return ids;
}

}  // namespace

Completion completionOf(const std::vector<std::string>& words, std::size_t index,
                        const std::function<std::vector<std::string>(const ControlCall& call)>& pluginIds) {
    const auto line = typedLine(words, index);
    const auto progress = progressOf(line.before);
    const auto& call = progress.call;
    const auto* option = line.option.empty() ? progress.open : findOption(call.command, line.option);
    const auto among = [&](std::vector<std::string> all) {
        std::erase_if(all, [&](const auto& word) { return !word.starts_with(line.current); });
        return Completion{.words = std::move(all)};
    };
    const auto as = [&](Completes what) -> Completion {
        switch (what) {
            case Completes::Nothing:
                return {};
            case Completes::PluginId:
                return among(pluginIds(call));
            case Completes::File:
                return {.kind = Completion::Kind::Files};
            case Completes::Directory:
                return {.kind = Completion::Kind::Directories};
            case Completes::Level:
                return among({"error", "warning", "info", "debug"});
            case Completes::Shell:
                return among({"bash"});
        }
        return {};
    };
    if (option != nullptr) return as(option->completes);
    if (!progress.onlyOperands && line.current.starts_with("-")) return among(optionNames(call.command));
    if (call.command == nullptr) return among(commandNames());
    const auto& operands = call.command->operands;
    return call.operands.size() < operands.size() ? as(operands[call.operands.size()].completes) : Completion{};
}

void printCompletion(const std::vector<std::string>& arguments, const ControlPlace& place) {
    std::size_t index = 0;
    if (arguments.empty()) return;
    const auto& number = arguments.front();
    if (std::from_chars(number.data(), number.data() + number.size(), index).ec != std::errc()) return;
    const auto completion = completionOf({arguments.begin() + 1, arguments.end()}, index,
                                         [&](const ControlCall& call) { return askForPlugins(call, place); });
    switch (completion.kind) {
        case Completion::Kind::Words:
            place.out << "words\n";
            break;
        case Completion::Kind::Files:
            place.out << "files\n";
            break;
        case Completion::Kind::Directories:
            place.out << "directories\n";
            break;
    }
    for (const auto& word : completion.words) place.out << word << "\n";
}

void runCompletion(const ControlSession& session) {
    const auto& shell = session.call().operands.at(0);
    if (shell != "bash") throw ControlUsage("completion knows no shell \"" + shell + "\"; it knows bash");
    session.tell({{"script", bashCompletionScript}}, bashCompletionScript);
}

}  // namespace playhouse::host
