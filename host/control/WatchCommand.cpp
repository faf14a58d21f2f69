#include "ControlCommands.h"

#include <playhouse/Response.h>

#include <ostream>

namespace playhouse::host {
namespace {

constexpr const char* clearScreen = "\x1b[H\x1b[2J";

/// One look, as text that can be shown; `reached` turns true with the first
/// answer.
std::string look(const ControlSession& session, const ControlClient& client, const std::string& path,
                 const std::function<std::string(const boost::json::object&)>& text, bool& reached) {
    try {
        const auto answer = client.get(path);
        if (!answer.isSuccess()) throw ControlRefusal(answer);
        reached = true;
        return session.wantsJson() ? answer.text + "\n" : text(answer.json.as_object().at("data").as_object());
    } catch (const ServerUnreachable& problem) {
        // A server that is being restarted comes back.
        if (!reached) throw;
        return session.wantsJson() ? ControlRefusal("UNREACHABLE", problem.what()).envelope() + "\n"
                                   : std::string(problem.what()) + "\n";
    }
}

}  // namespace

void watch(const ControlSession& session, const std::string& path,
           const std::function<std::string(const boost::json::object& data)>& text) {
    const std::chrono::duration<double> interval(numberOf(session.call(), "--watch", 0.1, 3600, 2));
    const auto client = session.client();
    auto& out = session.place().out;
    bool reached = false;
    do {
        const auto shown = look(session, client, path, text, reached);
        const bool isDrawn = session.place().isTerminal && !session.wantsJson();
        if (isDrawn) out << clearScreen;
        if (!session.wantsJson())
            out << client.server().text() << " at "
                << isoTime(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())) << "\n\n";
        out << shown;
        if (!isDrawn && !session.wantsJson()) out << "\n";
        out << std::flush;
    } while (out && session.place().pause(std::chrono::ceil<std::chrono::milliseconds>(interval)));
}

}  // namespace playhouse::host
