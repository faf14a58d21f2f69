#pragma once

#include "Account.h"

#include <playhouse/Database.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse::auth {

/// Which accounts, for administrators.
struct AccountFilter {
    std::string search{};  ///< in e-mail address or user name, case ignored; "%" and "_" mean themselves; empty: all
    std::optional<Role> role{};
    std::string tier{};  ///< empty: all
    std::optional<bool> isSuspended{};
    std::uint32_t offset = 0;
    std::uint32_t limit = 50;
};

struct AccountPage {
    std::vector<Account> accounts;  ///< the newest first, then by id
    std::uint64_t total = 0;        ///< that match, beyond this page too
};

/// The accounts in the database. Safe from any thread that may wait; throws as Database does.
class AccountStore {
public:
    /// `database` outlives this.
    explicit AccountStore(Database& database) : database_(database) {}

    /// `told` is called with the id of each account that has been changed or removed by this, before the call returns.
    /// Before any other call; what it needs outlives this.
    void onChange(std::function<void(std::string_view)> told) { told_ = std::move(told); }

    /// Stores a new one. Throws ApiError 409 EMAIL_TAKEN or USERNAME_TAKEN, with details {"field": "email"} or
    /// {"field": "username"}, when another has the address or the name, in whatever case; and stores nothing then.
    void create(const Account& account);

    /// Stores them all, or none: as create(). `beforeTheyAre` is called when nothing but the end of the transaction is
    /// left to do, perhaps more than once; when it throws, none is stored.
    void createAll(std::span<const Account> accounts, const std::function<void()>& beforeTheyAre);

    std::optional<Account> findById(std::string_view id);

    /// By the address as it was normalised (AccountRules.h).
    std::optional<Account> findByEmail(std::string_view normalisedEmail);

    /// What is to change of an account; what is absent stays.
    struct Changes {
        std::optional<std::string> email{};
        std::optional<std::string> username{};
        std::optional<std::string> passwordHash{};
        std::optional<std::string> tier{};
        std::optional<Role> role{};
        std::optional<Time> lastLoginAt{};

        std::optional<std::string> ifPasswordHash{};  ///< change nothing unless the account has this one
    };

    /// What else belongs to an act, in its transaction. May be called more than once, and then counts once.
    using Also = std::function<void(SqlSession&)>;

    /// The account as it is afterwards; absent when there is none, or it does not have `ifPasswordHash`. Throws as
    /// create().
    std::optional<Account> change(std::string_view id, const Changes& changes, const Also& also = {});

    /// Suspends from `since` on, or lifts it (absent). The account as it is afterwards; absent when there is none. The
    /// last administrator who is not suspended cannot be: ApiError 409 LAST_ADMIN, as for change() to another role and
    /// remove().
    std::optional<Account> suspend(std::string_view id, std::optional<Time> since, std::string_view reason,
                                   const Also& also = {});

    /// Removes the account with its sessions and devices; `also` finds them there. Whether there was one.
    bool remove(std::string_view id, const Also& also = {});

    AccountPage list(const AccountFilter& filter);

private:
    void tell(std::string_view id) const {
        if (told_) told_(id);
    }

    Database& database_;
    std::function<void(std::string_view)> told_;
};

}  // namespace playhouse::auth
