#include "AccountStore.h"

#include "AccountRules.h"

#include <playhouse/ApiError.h>

#include <stdexcept>

namespace playhouse::auth {
namespace {

const std::string accountsFrom =
    "SELECT u.id, u.email, u.username, u.subscription_tier, u.created_at, a.password_hash, a.role, a.suspended_at, "
    "a.suspension_reason, a.last_login_at FROM users u JOIN auth_accounts a ON a.user_id = u.id ";

/// Each filter is off when its parameter is empty, so that one statement serves them all.
const std::string accountsThatMatch =
    "WHERE (a.email_key LIKE $1 ESCAPE '!' OR lower(u.email) LIKE $1 ESCAPE '!' OR a.username_key LIKE $1 ESCAPE '!') "
    "AND ($2 = '' OR a.role = $2) "
    "AND ($3 = '' OR u.subscription_tier = $3) AND ($4 = '' OR (a.suspended_at IS NOT NULL) = ($4 = 'yes')) ";

Account accountOf(const SqlResult::Row& row) {
    Account account;
    account.id = row.text("id");
    account.email = row.text("email");
    account.username = row.text("username");
    account.passwordHash = row.text("password_hash");
    account.tier = row.optionalText("subscription_tier").value_or("");
    account.role = roleOf(row.text("role")).value_or(Role::Viewer);
    account.createdAt = row.time("created_at");
    account.lastLoginAt = row.optionalTime("last_login_at");
    account.suspendedAt = row.optionalTime("suspended_at");
    account.suspensionReason = row.optionalText("suspension_reason").value_or("");
    return account;
}

std::optional<Account> firstAccountOf(const SqlResult& rows) {
    if (rows.empty()) return std::nullopt;
    return accountOf(rows[0]);
}

std::optional<Account> accountById(SqlSession& session, std::string_view id) {
    return firstAccountOf(session.run(accountsFrom + "WHERE u.id = $1", {std::string(id)}));
}

std::string emailKeyOf(const std::string& email) {
    auto key = normalisedEmail(email);
    if (!key) throw std::invalid_argument("an account needs an e-mail address");
    return *std::move(key);
}

SqlValue textOrNull(const std::optional<std::string>& text) {
    return text ? SqlValue(*text) : SqlValue();
}

SqlValue timeOrNothing(const std::optional<Time>& time) {
    return time ? SqlValue(sqlTime(*time)) : SqlValue();
}

/// Does `work`, and tells of an address or a name that another has.
template <class Work>
auto refusingDuplicates(const Work& work) {
    try {
        return work();
    } catch (const SqlError& error) {
        if (error.isDuplicate("auth_accounts", "email_key") || error.isDuplicate("users", "email"))
            throw ApiError(409, "EMAIL_TAKEN", "Another account has this e-mail address.", {{"field", "email"}});
        if (error.isDuplicate("auth_accounts", "username_key") || error.isDuplicate("users", "username"))
            throw ApiError(409, "USERNAME_TAKEN", "Another account has this user name.", {{"field", "username"}});
        throw;
    }
}

void insertAccount(SqlSession& session, const Account& account) {
    session.run("INSERT INTO users (id, email, username, subscription_tier, created_at) VALUES ($1, $2, $3, $4, $5)",
                {account.id, account.email, account.username, account.tier, sqlTime(account.createdAt)});
    session.run(
        "INSERT INTO auth_accounts (user_id, email_key, username_key, password_hash, role, suspended_at, "
        "suspension_reason, last_login_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {account.id, emailKeyOf(account.email), normalisedUsername(account.username), account.passwordHash,
         std::string(toString(account.role)), timeOrNothing(account.suspendedAt), account.suspensionReason,
         timeOrNothing(account.lastLoginAt)});
}

/// Throws when nobody but `account` could administer the platform.
void refuseLastAdministrator(SqlSession& session, const Account& account) {
    if (account.role != Role::Admin || account.isSuspended()) return;
    const auto others = session.run(
        "SELECT count(*) AS n FROM auth_accounts WHERE role = 'admin' AND suspended_at IS NULL AND user_id <> $1",
        {account.id});
    if (others[0].integer("n") == 0)
        throw ApiError(409, "LAST_ADMIN", "This is the last administrator. Make another account one before.");
}

/// What LIKE finds everywhere in a text, with "!" before its own signs.
std::string patternOf(std::string_view search) {
    std::string pattern = "%";
    for (const char one : normalisedUsername(search)) {
        if (one == '!' || one == '%' || one == '_') pattern += '!';
        pattern += one;
    }
    return pattern + '%';
}

}  // namespace

void AccountStore::create(const Account& account) {
    createAll({&account, 1}, [] {});
}

void AccountStore::createAll(std::span<const Account> accounts, const std::function<void()>& beforeTheyAre) {
    refusingDuplicates([&] {
        database_.transaction([&](SqlSession& session) {
            for (const auto& account : accounts) insertAccount(session, account);
            beforeTheyAre();
        });
    });
}

std::optional<Account> AccountStore::findById(std::string_view id) {
    if (!isUuid(id)) return std::nullopt;
    return database_.use([&](SqlSession& session) { return accountById(session, id); });
}

std::optional<Account> AccountStore::findByEmail(std::string_view normalisedEmail) {
    return database_.use([&](SqlSession& session) {
        return firstAccountOf(session.run(accountsFrom + "WHERE a.email_key = $1", {std::string(normalisedEmail)}));
    });
}

std::optional<Account> AccountStore::change(std::string_view id, const Changes& changes, const Also& also) {
    if (!isUuid(id)) return std::nullopt;
    const auto emailKey = changes.email ? SqlValue(emailKeyOf(*changes.email)) : SqlValue();
    const auto usernameKey = changes.username ? SqlValue(normalisedUsername(*changes.username)) : SqlValue();
    const auto role = changes.role ? SqlValue(std::string(toString(*changes.role))) : SqlValue();
    const auto account = refusingDuplicates([&] {
        return database_.transaction([&](SqlSession& session) -> std::optional<Account> {
            const auto before = accountById(session, id);
            if (!before) return before;
            if (changes.ifPasswordHash && before->passwordHash != *changes.ifPasswordHash) return std::nullopt;
            if (changes.role && *changes.role != Role::Admin) refuseLastAdministrator(session, *before);
            if (changes.email || changes.username || changes.tier)
                session.run(
                    "UPDATE users SET email = coalesce($2, email), username = coalesce($3, username), "
                    "subscription_tier = coalesce($4, subscription_tier) WHERE id = $1",
                    {before->id, textOrNull(changes.email), textOrNull(changes.username), textOrNull(changes.tier)});
            session.run(
                "UPDATE auth_accounts SET email_key = coalesce($2, email_key), username_key = coalesce($3, "
                "username_key), password_hash = coalesce($4, password_hash), role = coalesce($5, role), "
                "last_login_at = coalesce($6, last_login_at) WHERE user_id = $1",
                {before->id, emailKey, usernameKey, textOrNull(changes.passwordHash), role,
                 timeOrNothing(changes.lastLoginAt)});
            if (also) also(session);
            return accountById(session, id);
        });
    });
    if (account) tell(account->id);
    return account;
}

std::optional<Account> AccountStore::suspend(std::string_view id, std::optional<Time> since, std::string_view reason,
                                             const Also& also) {
    if (!isUuid(id)) return std::nullopt;
    const auto account = database_.transaction([&](SqlSession& session) {
        const auto before = accountById(session, id);
        if (!before) return before;
        if (since) refuseLastAdministrator(session, *before);
        session.run("UPDATE auth_accounts SET suspended_at = $2, suspension_reason = $3 WHERE user_id = $1",
                    {before->id, timeOrNothing(since), since ? SqlValue(std::string(reason)) : SqlValue()});
        if (also) also(session);
        return accountById(session, id);
    });
    if (account) tell(account->id);
    return account;
}

bool AccountStore::remove(std::string_view id, const Also& also) {
    if (!isUuid(id)) return false;
    const auto removed = database_.transaction([&](SqlSession& session) {
        auto account = accountById(session, id);
        if (!account) return account;
        refuseLastAdministrator(session, *account);
        if (also) also(session);
        session.run("DELETE FROM users WHERE id = $1", {account->id});
        return account;
    });
    if (removed) tell(removed->id);
    return removed.has_value();
}

AccountPage AccountStore::list(const AccountFilter& filter) {
    const SqlValue pattern = patternOf(filter.search);
    const SqlValue role = filter.role ? std::string(toString(*filter.role)) : std::string();
    const SqlValue tier = filter.tier;
    const SqlValue suspended = std::string(!filter.isSuspended ? "" : *filter.isSuspended ? "yes" : "no");
    return database_.transaction([&](SqlSession& session) {
        AccountPage page;
        page.total = static_cast<std::uint64_t>(
            session
                .run("SELECT count(*) AS n FROM users u JOIN auth_accounts a ON a.user_id = u.id " + accountsThatMatch,
                     {pattern, role, tier, suspended})[0]
                .integer("n"));
        const auto rows =
            session.run(accountsFrom + accountsThatMatch + "ORDER BY u.created_at DESC, u.id LIMIT $5 OFFSET $6",
                        {pattern, role, tier, suspended, std::int64_t{filter.limit}, std::int64_t{filter.offset}});
        for (std::size_t index = 0; index < rows.size(); ++index) page.accounts.push_back(accountOf(rows[index]));
        return page;
    });
}

}  // namespace playhouse::auth
