#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Refresh tokens: texts of 128 hexadecimal digits that tell their owner nothing. A token names its session and is
/// signed by a key of that session, so that one which was used long ago is known again although nothing of it is kept.
/// Any thread.
namespace playhouse::auth::refresh_token {

/// A new session's key: 256 random bits, in hexadecimal digits.
std::string newKey();

/// A new token with 256 random bits. @param sessionId  a UUID
std::string make(std::string_view sessionId, std::string_view key);

/// Its SHA-256 in hexadecimal digits: what is stored.
std::string hashOf(std::string_view token);

/// The session that a token names, whoever made it; absent for what has not the form of one.
std::optional<std::string> sessionIdIn(std::string_view token);

/// Whether it was made with this key.
bool isSignedBy(std::string_view token, std::string_view key);

}  // namespace playhouse::auth::refresh_token
