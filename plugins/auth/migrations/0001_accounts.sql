-- What this plugin keeps of the people in the platform's table users. Times are in UTC.
CREATE TABLE auth_accounts (
    user_id UUID NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    email_key VARCHAR(255) NOT NULL CONSTRAINT auth_accounts_email_key_key UNIQUE,
    username_key VARCHAR(100) NOT NULL CONSTRAINT auth_accounts_username_key_key UNIQUE,
    password_hash VARCHAR(255) NOT NULL,
    role VARCHAR(20) NOT NULL,
    suspended_at TIMESTAMP,
    suspension_reason VARCHAR(500),
    last_login_at TIMESTAMP
);

CREATE TABLE auth_sessions (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id UUID,
    address VARCHAR(45) NOT NULL,
    user_agent VARCHAR(500) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    access_id UUID NOT NULL UNIQUE,
    access_until TIMESTAMP NOT NULL,
    token_key CHAR(64) NOT NULL
);
CREATE INDEX auth_sessions_user_id ON auth_sessions (user_id);
CREATE INDEX auth_sessions_expires_at ON auth_sessions (expires_at);

-- Only SHA-256 of each token. One with used_at has been changed for another, and is removed some time afterwards: what
-- is signed by its session's token_key and not here was used.
CREATE TABLE auth_refresh_tokens (
    token_hash CHAR(64) NOT NULL PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES auth_sessions (id) ON DELETE CASCADE,
    issued_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX auth_refresh_tokens_session_id ON auth_refresh_tokens (session_id);

-- Which access tokens are refused although they have not expired, for hosts that start or have missed the news. Hosts
-- find new ones by noted_at, the time on the clock of the one that noted it.
CREATE TABLE auth_endings (
    access_id UUID NOT NULL PRIMARY KEY,
    until_time TIMESTAMP NOT NULL,
    noted_at TIMESTAMP NOT NULL
);
CREATE INDEX auth_endings_until_time ON auth_endings (until_time);
CREATE INDEX auth_endings_noted_at ON auth_endings (noted_at);

CREATE TABLE auth_devices (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name VARCHAR(100) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL
);
CREATE INDEX auth_devices_user_id ON auth_devices (user_id);
