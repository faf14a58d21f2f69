#include "ControlCommand.h"

#include "Completion.h"
#include "Version.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <stdexcept>

namespace playhouse::host {
namespace {

/// A command line that cannot be taken apart may ask for JSON all the same.
bool asksForJson(const std::vector<std::string>& words) {
    return std::find(words.begin(), words.end(), "--json") != words.end();
}

void run(const ControlSession& session) {
    const auto& call = session.call();
    if (call.has("--help")) {
        const auto text = call.command == nullptr ? helpOf(commandSyntaxes()) : helpOf(*call.command);
        return session.tell({{"help", text}}, text);
    }
    if (call.has("--version"))
        return session.tell({{"version", hostVersion}}, "playhousectl " + std::string(hostVersion) + "\n");
    for (const auto& command : controlCommands())
        if (&command.syntax == call.command) command.run(session);
}

}  // namespace

ControlExit runControlCommand(const std::vector<std::string>& words, const ControlPlace& place) {
    // What the completion script of a shell asks; its words are of a line that is
    // not finished.
    if (!words.empty() && words.front() == "complete") {
        printCompletion({words.begin() + 1, words.end()}, place);
        return ControlExit::Done;
    }
    const bool json = asksForJson(words);
    const auto fail = [&](const ControlRefusal& refusal, ControlExit code) {
        if (json)
            place.out << refusal.envelope() << "\n";
        else
            place.err << "playhousectl: " << refusal.what() << "\n";
        return code;
    };
    try {
        const auto call = parseControlCall(words, commandSyntaxes());
        run(ControlSession(call, place));
        if (place.out.flush()) return ControlExit::Done;
        // Whoever reads the output later would take nothing, or half of it, for all there is.
        place.err << "playhousectl: the output could not be written\n";
        return ControlExit::Refused;
    } catch (const ControlUsage& problem) {
        const auto code = fail(ControlRefusal("USAGE", problem.what()), ControlExit::Usage);
        if (!json) place.err << "playhousectl --help shows the commands.\n";
        return code;
    } catch (const ControlRefusal& refusal) {
        return fail(refusal, ControlExit::Refused);
    } catch (const ServerUnreachable& problem) {
        return fail(ControlRefusal("UNREACHABLE", problem.what()), ControlExit::Unreachable);
    } catch (const ServerTimedOut& problem) {
        return fail(ControlRefusal("TIMED_OUT", problem.what()), ControlExit::TimedOut);
    } catch (const std::filesystem::filesystem_error& problem) {
        return fail(ControlRefusal("FAILED", problem.what()), ControlExit::Refused);
    } catch (const std::exception& problem) {
        return fail(ControlRefusal("FAILED", std::string("the answer is not understood: ") + problem.what()),
                    ControlExit::Refused);
    }
}

}  // namespace playhouse::host
