#include "HttpLoad.h"
#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/object.hpp>

#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

/// A small disk at `directory` as long as this lives. ctest runs this program below `unshare -rm`, so that nobody else
/// sees it.
class SmallDisk {
public:
    explicit SmallDisk(std::filesystem::path directory) : directory_(std::move(directory)) {
        std::filesystem::create_directories(directory_);
        const int problem = ::mount("tmpfs", directory_.c_str(), "tmpfs", 0, "size=64m") == 0 ? 0 : errno;
        CPPUNIT_ASSERT_EQUAL_MESSAGE("cannot mount a tmpfs (" + std::string(std::strerror(problem)) +
                                         "): run this below unshare -rm, where the kernel allows it, or as root",
                                     0, problem);
    }
    ~SmallDisk() { ::umount2(directory_.c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    /// Writes a file until nothing more fits.
    void fill() const {
        std::ofstream file(ballast(), std::ios::binary);
        const std::string piece(4096, 'b');
        while (file.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
        }
    }

    void makeRoom() const { std::filesystem::remove(ballast()); }

private:
    std::filesystem::path ballast() const { return directory_ / "ballast"; }

    std::filesystem::path directory_;
};

}  // namespace

/// A server whose disk is full says so, loses nothing, and goes on once there is room.
class DiskFullTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DiskFullTest);
    CPPUNIT_TEST(refusesWritesAndServesOn);
    CPPUNIT_TEST(keepsWhatItHeldThroughAKillWhileFull);
    CPPUNIT_TEST_SUITE_END();

    static constexpr int attempts = 200;

    TemporaryDirectory directory_;
    const std::string note_ = std::string(100'000, 'n');

    std::string configuration() const {
        const auto film = directory_.write("film.mp4", std::string(100'000, 'f'));
        return "plugin.ledger.enabled = true\nplugin.ledger.library = " + fixtures +
               "/ledger.so\nplugin.ledger.file = " + film.string() + "\n";
    }

    /// Writes until one is refused; the ids of those before.
    std::vector<std::string> writeUntilRefused(const ServerProcess& server) const {
        std::vector<std::string> ids;
        for (int attempt = 0; attempt < attempts; ++attempt) {
            const auto answer = server.post("/ledger", note_);
            if (answer.status != 201) {
                CPPUNIT_ASSERT_EQUAL(std::string("507 STORAGE_FULL"), answer.outcome());
                return ids;
            }
            ids.emplace_back(answer.json().at("data").at("id").as_string());
        }
        CPPUNIT_FAIL("a full disk takes any number of writes");
        return ids;
    }

    void assertHolds(const ServerProcess& server, const std::vector<std::string>& ids) const {
        for (const auto& id : ids) CPPUNIT_ASSERT(server.get("/ledger/entries/" + id).body == note_);
        const auto audit = server.get("/ledger/audit").json().at("data");
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(ids.size()), audit.at("entries").as_int64());
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(ids.size()), audit.at("counted").as_int64());
        CPPUNIT_ASSERT(audit.at("integrity").as_string() == "ok");
    }

    std::string write(const ServerProcess& server) const {
        const auto answer = server.post("/ledger", note_);
        CPPUNIT_ASSERT_EQUAL(std::string("201"), answer.outcome());
        return std::string(answer.json().at("data").at("id").as_string());
    }

public:
    void refusesWritesAndServesOn() {
        ServerProcess server(configuration(), embeddedBackends());
        const SmallDisk disk(server.storage());
        server.start();
        HttpLoad streaming(server.port(), {{"/ledger/file", {HttpLoad::fetch(server.port(), "/ledger/file")}}}, 2, 200);
        streaming.start();
        std::vector<std::string> held{write(server)};
        disk.fill();
        for (const auto& id : writeUntilRefused(server)) held.push_back(id);
        for (int time = 0; time < 20; ++time)
            CPPUNIT_ASSERT_EQUAL(std::string("507 STORAGE_FULL"), server.post("/ledger", note_).outcome());
        assertHolds(server, held);
        disk.makeRoom();
        held.push_back(write(server));
        assertHolds(server, held);
        streaming.finish();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(streaming.firstFailure(), 0L, streaming.failed());
        CPPUNIT_ASSERT(streaming.answered() > 0);
    }

    void keepsWhatItHeldThroughAKillWhileFull() {
        ServerProcess server(configuration(), embeddedBackends());
        const SmallDisk disk(server.storage());
        server.start();
        std::vector<std::string> held{write(server)};
        disk.fill();
        for (const auto& id : writeUntilRefused(server)) held.push_back(id);
        server.kill();
        disk.makeRoom();
        server.start();
        assertHolds(server, held);
        held.push_back(write(server));
        assertHolds(server, held);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DiskFullTest);
