#include <playhouse/testing/FakeContext.h>

#include <cppunit/extensions/HelperMacros.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace playhouse;
using namespace playhouse::testing;

namespace {

/// Rooms: what one says, all in the room hear. Counts what was said, and hands the count over.
class RoomPlugin final : public Plugin {
public:
    void start(PluginContext& context) override {
        auto& channels = context.channels();
        const ChannelHandler handler{
            .opened =
                [&channels](const Request& request, Channel& channel) {
                    if (!request.query("name")) throw ApiError::invalidParameter("name", "Say who you are.");
                    if (*request.query("name") == "bug") throw std::runtime_error("a bug in opened");
                    channel.setAttribute("name", *request.query("name"));
                    channel.subscribe(request.pathParameter("room"));
                    channel.send("welcome");
                    channels.publish(request.pathParameter("room"), *request.query("name") + " came");
                },
            .message =
                [this, &channels](Channel& channel, const ChannelMessage& message) {
                    ++said_;
                    if (message.data == "bug") throw std::runtime_error("a bug in message");
                    if (message.data == "bye") return channel.close(4000, "as you wish");
                    if (message.kind == ChannelMessage::Kind::Binary)
                        channels.publishBinary(channel.topics().front(), std::as_bytes(std::span(message.data)));
                    else
                        channels.publish(channel.topics().front(), *channel.attribute("name") + ": " + message.data);
                },
            .closed =
                [this](Channel& channel, const ChannelClosure& closure) {
                    closures_ += *channel.attribute("name") + " " + std::to_string(closure.code) + ";";
                    channel.send("too late");
                },
            .resumed = [](Channel& channel) { channel.send("served by the next generation"); }};
        ChannelOptions spoken;
        spoken.subprotocols = {"chat.v2", "chat.v1"};
        auto& router = context.router();
        router.webSocket("/rooms/{room}", handler);
        router.webSocket("/spoken/{room}", handler, spoken);
        router.events("/events/{room}", handler);
        router.get("/said", [this](const Request&) { return Response::text(std::to_string(said_)); });
        router.post("/end", [&channels](const Request&) {
            for (auto channel : channels.open()) channel.close(1001, "closing time");
            return Response();
        });
    }

    std::optional<std::uint32_t> stateSchema() const override { return 1; }
    void saveState(StateWriter& state) override { state.write(std::to_string(said_)); }
    void loadState(const StateReader& state) override {
        if (state.schema() != 1) throw std::runtime_error("unknown schema");
        said_ = std::stoi(std::string(state.text()));
    }

    const std::string& closures() const { return closures_; }

private:
    int said_ = 0;
    std::string closures_;
};

/// Reads state of schema 0 alone.
class OlderPlugin final : public Plugin {
public:
    void start(PluginContext&) override {}
    std::optional<std::uint32_t> stateSchema() const override { return 0; }
};

/// Serves nothing that others served.
class EmptyPlugin final : public Plugin {
public:
    void start(PluginContext&) override {}
};

}  // namespace

class FakeChannelsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FakeChannelsTest);
    CPPUNIT_TEST(whatOpenedSendsAndPublishesArrivesInOrder);
    CPPUNIT_TEST(publicationReachesSubscribersAlone);
    CPPUNIT_TEST(binaryStaysBinary);
    CPPUNIT_TEST(refusedClientThrowsWhatTheHandlerThrew);
    CPPUNIT_TEST(refusesWhereNoChannelsAre);
    CPPUNIT_TEST(requestWithoutUpgradeIsAnswered426);
    CPPUNIT_TEST(bestSubprotocolIsAgreedOn);
    CPPUNIT_TEST(clientWithoutASpokenSubprotocolIsRefused);
    CPPUNIT_TEST(clientMayClose);
    CPPUNIT_TEST(lostConnectionIs1006);
    CPPUNIT_TEST(pluginMayCloseFromItsHandler);
    CPPUNIT_TEST(pluginMayCloseFromElsewhere);
    CPPUNIT_TEST(exceptionOfAHandlerClosesWith1011AndComesOut);
    CPPUNIT_TEST(eventStreamTakesNoMessages);
    CPPUNIT_TEST(boundsOfAChannelAreKept);
    CPPUNIT_TEST(longReasonIsCutBetweenCharacters);
    CPPUNIT_TEST(textThatIsNotUtf8IsRefused);
    CPPUNIT_TEST(swapMovesStateAndChannels);
    CPPUNIT_TEST(channelThatTheNextGenerationDoesNotServeIsClosed);
    CPPUNIT_TEST(failedSwapMovesNothing);
    CPPUNIT_TEST(stateOfANewerSchemaIsRefused);
    CPPUNIT_TEST(severalThreadsMaySend);
    CPPUNIT_TEST_SUITE_END();

    FakeContext context_{"rooms"};
    RoomPlugin plugin_;

public:
    void setUp() override { context_.start(plugin_); }

    void whatOpenedSendsAndPublishesArrivesInOrder() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, ann.waiting());
        CPPUNIT_ASSERT_EQUAL(std::string("welcome"), ann.takeText());
        CPPUNIT_ASSERT_EQUAL(std::string("Ann came"), ann.takeText());
        CPPUNIT_ASSERT_THROW(ann.takeText(), std::logic_error);
        CPPUNIT_ASSERT(ann.isOpen());
        CPPUNIT_ASSERT_EQUAL(std::string("Ann"), ann.channel().attribute("name").value());
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), ann.channel().clientAddress());
    }

    void publicationReachesSubscribersAlone() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        const auto ben = context_.connect("/rooms/red?name=Ben");
        const auto eve = context_.connect("/rooms/blue?name=Eve");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, context_.channels().subscribers("red"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, context_.channels().open().size());
        for (const auto& client : {ann, ben, eve}) client.takeMessages();
        ann.send("hello");
        CPPUNIT_ASSERT_EQUAL(std::string("Ann: hello"), ann.takeText());
        CPPUNIT_ASSERT_EQUAL(std::string("Ann: hello"), ben.takeText());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, eve.waiting());
        CPPUNIT_ASSERT_EQUAL(std::string("red"), context_.channels().publications().back().topic);
    }

    void binaryStaysBinary() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        ann.takeMessages();
        const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}};
        ann.sendBinary(bytes);
        CPPUNIT_ASSERT_THROW(ann.takeText(), std::logic_error);
        ann.sendBinary(bytes);
        const auto messages = ann.takeMessages();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, messages.size());
        CPPUNIT_ASSERT(messages.front().kind == ChannelMessage::Kind::Binary);
        CPPUNIT_ASSERT_EQUAL(std::string("\0\xff", 2), messages.front().data);
    }

    void refusedClientThrowsWhatTheHandlerThrew() {
        CPPUNIT_ASSERT_THROW(context_.connect("/rooms/red"), ApiError);
        CPPUNIT_ASSERT_THROW(context_.connect("/rooms/red?name=bug"), std::runtime_error);
        CPPUNIT_ASSERT(context_.channels().open().empty());
        CPPUNIT_ASSERT_EQUAL(std::string(), plugin_.closures());
    }

    void refusesWhereNoChannelsAre() {
        CPPUNIT_ASSERT_THROW(context_.connect("/nowhere"), ApiError);
        CPPUNIT_ASSERT_THROW(context_.connect("/said"), std::logic_error);
    }

    void requestWithoutUpgradeIsAnswered426() {
        CPPUNIT_ASSERT_EQUAL(426, context_.request(Method::Get, "/rooms/red").status());
    }

    void bestSubprotocolIsAgreedOn() {
        Headers headers;
        headers.set("Sec-WebSocket-Protocol", "chat.v1, chat.v2");
        const auto ann = context_.connect("/spoken/red?name=Ann", headers);
        CPPUNIT_ASSERT_EQUAL(std::string("chat.v2"), ann.subprotocol());
        CPPUNIT_ASSERT_EQUAL(std::string("chat.v2"), ann.channel().subprotocol());
        CPPUNIT_ASSERT_EQUAL(std::string(), context_.connect("/rooms/red?name=Ben", headers).subprotocol());
    }

    void clientWithoutASpokenSubprotocolIsRefused() {
        try {
            context_.connect("/spoken/red?name=Ann");
            CPPUNIT_FAIL("it was not refused");
        } catch (const ApiError& refusal) {
            CPPUNIT_ASSERT_EQUAL(std::string("SUBPROTOCOL_REQUIRED"), refusal.code());
        }
    }

    void clientMayClose() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        ann.close(1000, "enough");
        ann.close(1001, "a second time");
        CPPUNIT_ASSERT(!ann.isOpen());
        CPPUNIT_ASSERT_EQUAL(std::string("enough"), ann.closure().value().reason);
        CPPUNIT_ASSERT_EQUAL(std::string("Ann 1000;"), plugin_.closures());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, context_.channels().subscribers("red"));
        CPPUNIT_ASSERT(context_.channels().open().empty());
        CPPUNIT_ASSERT_THROW(ann.send("still here?"), std::logic_error);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, ann.takeMessages().size());
    }

    void lostConnectionIs1006() {
        context_.connect("/rooms/red?name=Ann").disconnect();
        CPPUNIT_ASSERT_EQUAL(std::string("Ann 1006;"), plugin_.closures());
    }

    void pluginMayCloseFromItsHandler() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        ann.send("bye");
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{4000}, ann.closure().value().code);
        CPPUNIT_ASSERT_EQUAL(std::string("Ann 4000;"), plugin_.closures());
    }

    void pluginMayCloseFromElsewhere() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        context_.request(Method::Post, "/end");
        CPPUNIT_ASSERT_EQUAL(std::string("Ann 1001;"), plugin_.closures());
        CPPUNIT_ASSERT_EQUAL(std::string("closing time"), ann.closure().value().reason);
    }

    void exceptionOfAHandlerClosesWith1011AndComesOut() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        CPPUNIT_ASSERT_THROW(ann.send("bug"), std::runtime_error);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{1011}, ann.closure().value().code);
        CPPUNIT_ASSERT_EQUAL(std::string("Ann 1011;"), plugin_.closures());
    }

    void eventStreamTakesNoMessages() {
        const auto ann = context_.connect("/events/red?name=Ann");
        CPPUNIT_ASSERT_EQUAL(std::string("welcome"), ann.takeText());
        CPPUNIT_ASSERT_THROW(ann.send("hello"), std::logic_error);
    }

    void boundsOfAChannelAreKept() {
        auto channel = context_.connect("/rooms/red?name=Ann").channel();
        CPPUNIT_ASSERT_THROW(channel.subscribe(std::string(257, 't')), std::length_error);
        for (int topic = 1; topic < 256; ++topic) channel.subscribe("topic " + std::to_string(topic));
        channel.subscribe("red");
        CPPUNIT_ASSERT_THROW(channel.subscribe("one more"), std::length_error);
        channel.unsubscribe("red");
        channel.subscribe("one more");
        channel.setAttribute("text", std::string(16 * 1024 - 4 - 7, 'a'));
        CPPUNIT_ASSERT_THROW(channel.setAttribute("more", ""), std::length_error);
        channel.setAttribute("text", "short");
        channel.setAttribute("more", "");
        channel.removeAttribute("more");
        CPPUNIT_ASSERT(!channel.attribute("more"));
    }

    void longReasonIsCutBetweenCharacters() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        ann.channel().close(1000, std::string(122, 'a') + "\u00e4");
        CPPUNIT_ASSERT_EQUAL(std::string(122, 'a'), ann.closure().value().reason);
    }

    void textThatIsNotUtf8IsRefused() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        CPPUNIT_ASSERT_THROW(ann.channel().send("\xff"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(context_.channels().publish("red", "\xff"), std::invalid_argument);
    }

    void swapMovesStateAndChannels() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        ann.send("hello");
        ann.takeMessages();
        FakeContext nextContext("rooms");
        RoomPlugin next;
        context_.swap(plugin_, nextContext, next);
        CPPUNIT_ASSERT(ann.isOpen());
        CPPUNIT_ASSERT_EQUAL(std::string("served by the next generation"), ann.takeText());
        CPPUNIT_ASSERT_EQUAL(std::string("Ann"), ann.channel().attribute("name").value());
        CPPUNIT_ASSERT(context_.channels().open().empty());
        const auto ben = nextContext.connect("/rooms/red?name=Ben");
        CPPUNIT_ASSERT(ben.channel().id() != ann.channel().id());
        CPPUNIT_ASSERT_EQUAL(std::string("Ben came"), ann.takeText());
        ann.send("again");
        CPPUNIT_ASSERT_EQUAL(std::string("2"), bodyText(nextContext.request(Method::Get, "/said")));
        ann.close();
        CPPUNIT_ASSERT_EQUAL(std::string("Ann 1000;"), next.closures());
        CPPUNIT_ASSERT_EQUAL(std::string(), plugin_.closures());
    }

    void channelThatTheNextGenerationDoesNotServeIsClosed() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        FakeContext nextContext("rooms");
        EmptyPlugin next;
        context_.swap(plugin_, nextContext, next);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{1001}, ann.closure().value().code);
    }

    void failedSwapMovesNothing() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        FakeContext nextContext("rooms", {{"unknown", "1"}});
        RoomPlugin next;
        CPPUNIT_ASSERT_THROW(context_.swap(plugin_, nextContext, next), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(next.loadState(FakeState(2, "0")), std::runtime_error);
        ann.send("still here");
        CPPUNIT_ASSERT_EQUAL(std::string("1"), bodyText(context_.request(Method::Get, "/said")));
    }

    void stateOfANewerSchemaIsRefused() {
        FakeContext nextContext("rooms");
        OlderPlugin next;
        CPPUNIT_ASSERT_THROW(context_.swap(plugin_, nextContext, next), std::invalid_argument);
    }

    void severalThreadsMaySend() {
        const auto ann = context_.connect("/rooms/red?name=Ann");
        ann.takeMessages();
        auto& channels = context_.channels();
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&channels] {
                for (int message = 0; message < 100; ++message) channels.publish("red", "m");
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(std::size_t{400}, ann.waiting());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FakeChannelsTest);
