#pragma once

#include "Office.h"

namespace playhouse::auth {

/// What moderators see and administrators change of all accounts. Each change is logged with who made it.
class AdministrationHandlers {
public:
    explicit AdministrationHandlers(const Office& office) : office_(office) {}

    Response accounts(const Request& request) const;
    Response account(const Request& request) const;
    Response change(const Request& request) const;
    Response suspend(const Request& request) const;
    Response resume(const Request& request) const;
    Response remove(const Request& request) const;

private:
    /// Who asks, when still an administrator by the database: a token may be older than that.
    Account administrator(const Request& request) const;
    void log(const Account& by, const std::string& what, const std::string& id) const;

    const Office& office_;
};

}  // namespace playhouse::auth
