#include "ControlSocket.h"

#include "UserName.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace playhouse::host {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& reason) {
    throw std::runtime_error("control.socket " + path.string() + ": " + reason);
}

bool isListenedOn(const fs::path& path) {
    try {
        Poco::Net::StreamSocket probe(Poco::Net::SocketAddress(Poco::Net::SocketAddress::UNIX_LOCAL, path.string()));
        return true;
    } catch (const Poco::Net::ConnectionRefusedException&) {
        return false;
    } catch (const Poco::Exception& error) {
        refuse(path, "a socket is there that cannot be tried: " + error.displayText() +
                         "; remove it, or choose another control.socket");
    }
}

void removeStale(const fs::path& path) {
    const auto status = fs::symlink_status(path);
    if (!fs::exists(status)) return;
    if (!fs::is_socket(status)) refuse(path, "something that is not a socket is there; choose another control.socket");
    if (isListenedOn(path))
        refuse(path, "another server listens there; stop it, or choose another control.socket (or storage.path)");
    fs::remove(path);
}

}  // namespace

ControlSocket::ControlSocket(fs::path path, mode_t mode) : path_(std::move(path)) {
    try {
        fs::create_directories(path_.parent_path());
        removeStale(path_);
        socket_.bind(Poco::Net::SocketAddress(Poco::Net::SocketAddress::UNIX_LOCAL, path_.string()));
        // Nobody can connect before listen(), so that nobody comes in between with wider permissions.
        struct stat status {};
        if (chmod(path_.c_str(), mode) != 0 || stat(path_.c_str(), &status) != 0)
            throw std::system_error(errno, std::generic_category(), "its permissions cannot be set");
        inode_ = status.st_ino;
        socket_.listen();
    } catch (const Poco::Exception& error) {
        refuse(path_, error.displayText() + "; is its directory there and writable?");
    } catch (const std::system_error& error) {
        refuse(path_, error.what());
    }
}

ControlSocket::~ControlSocket() {
    // Another server may have taken the path over meanwhile.
    struct stat status {};
    if (stat(path_.c_str(), &status) == 0 && status.st_ino == inode_) std::remove(path_.c_str());
}

std::string peerName(int descriptor) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "unknown user";
    return userName(peer.uid);
}

}  // namespace playhouse::host
