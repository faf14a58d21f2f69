#pragma once

#include <Poco/Net/ServerSocket.h>

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace playhouse::host {

/// The Unix socket that the admin API listens on: its file is there as long as this object.
///
/// A file that a dead server left is replaced; a socket that another server listens on is not.
class ControlSocket {
public:
    /// Makes the file's directory when absent. Throws std::runtime_error, naming `path` and what to do.
    ControlSocket(std::filesystem::path path, mode_t mode);
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

    Poco::Net::ServerSocket& socket() noexcept { return socket_; }

private:
    std::filesystem::path path_;
    Poco::Net::ServerSocket socket_;
    ino_t inode_ = 0;
};

/// Who is at the other end of a connected Unix socket, as userName() tells it.
std::string peerName(int descriptor);

}  // namespace playhouse::host
