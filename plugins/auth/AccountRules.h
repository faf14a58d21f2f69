#pragma once

#include "Fields.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::auth {

/// An e-mail address as it is compared: without spaces around, in small letters (of ASCII; an international domain in
/// its ASCII form). Absent for what is none: RFC 5321's Mailbox without quoted local parts and address literals, at
/// most 254 bytes, the local part at most 64, the domain with a dot.
std::optional<std::string> normalisedEmail(std::string_view text);

/// A user name as it is compared: in small letters.
std::string normalisedUsername(std::string_view text);

/// Reads the field, and notes FORMAT in `fields` for what is no address. The trimmed text; empty when it is no good.
std::string emailField(Fields& fields, std::string_view name = "email");

/// Reads the field: 3 to 32 of letters, digits, "_", "-" and ".", which begins and ends with a letter or digit (ASCII,
/// so that none looks like another). Names of the house (admin, root, support, ...) are RESERVED.
std::string usernameField(Fields& fields, std::string_view name = "username");

/// Reads a new password: 8 to 128 characters of whatever kind (NIST SP 800-63B section 5.1.1.2), no more than 512
/// bytes. TOO_COMMON for one that lists of used passwords hold or that zxcvbn guesses soon, COMMON_WITH_ACCOUNT for one
/// made of the address or the name.
std::string newPasswordField(Fields& fields, std::string_view name, std::string_view email, std::string_view username);

}  // namespace playhouse::auth
