#!/usr/bin/env bash
# Measures accounts beside a Fastify server with the same routes on the same PostgreSQL, in one run, and prints ratios.
set -euo pipefail

rounds=5
seconds=4
accounts=100
connections=50

usage() {
    cat <<EOF
Usage: tests/bench/auth.sh [--rounds N] [--seconds N] [--accounts N] [--connections N]

Measures, on one PostgreSQL that is started for it, each figure the median of N rounds (default $rounds) of N seconds
(default $seconds):
  profile   GET /auth/profile with valid tokens of N accounts (default $accounts) over N connections (default
            $connections), one load generator thread (wrk -t1), Playhouse and Fastify (a process a core) in turns;
            target: at least 3 times Fastify's requests a second; and once more with
            plugin.auth.account-cache-lifetime = 0 s, which asks PostgreSQL at each request as Fastify does
  storm     registrations and logins by 32 clients while Playhouse streams 400 pages and segments a second; target:
            their 99th percentile within 2 times of what it was before
  insert    500 rows by SqlSession::insert, and by COPY of psql alone, in turns; target: at least half of COPY's rows
            a second
The peer is tests/bench/fastify: the same PostgreSQL driver settings, schemas for bodies and answers, and its own cache
of verified tokens.
EOF
}

arguments=("$@")
while [ $# -gt 0 ]; do
    case $1 in
        --rounds) rounds=$2; shift 2 ;;
        --seconds) seconds=$2; shift 2 ;;
        --accounts) accounts=$2; shift 2 ;;
        --connections) connections=$2; shift 2 ;;
        --help|-h) usage; exit 0 ;;
        *) echo "auth.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
    esac
done

# shellcheck source=tests/bench/servers.sh
. "$(dirname "$0")/servers.sh"

if [ -z "${DATABASE_URL:-}" ]; then
    build with-postgres login-storm bulk-insert
    mkdir -p "$root/fastify"
    cp "$top"/tests/bench/fastify/* "$root/fastify/"
    quietly npm ci --prefix "$root/fastify" --no-audit --no-fund --loglevel=error
    exec "$tools/bin/with-postgres" "$0" "${arguments[@]}"
fi

peer_port=3984
peer_pid=""
trap 'stop_ours; stop "$peer_pid"' EXIT
password="correct horse battery staple"
JWT_SECRET=$(head -c 48 /dev/urandom | base64 -w 0)
export JWT_SECRET
rm -rf "$root/auth" && mkdir -p "$root/auth/storage"

# register PORT NAME: the tokens of new accounts, a line each
register() {
    local number
    for number in $(seq "$accounts"); do
        curl -sSf "http://127.0.0.1:$1/auth/register" -H 'Content-Type: application/json' \
            -d "{\"email\": \"$2$number@example.com\", \"username\": \"$2$number\", \"password\": \"$password\"}" |
            grep -o '"accessToken":"[^"]*"' | cut -d '"' -f 4
    done >"$root/auth/$2"
}

# load PORT NAME: requests a second
load() {
    local output
    output=$(wrk -t1 -c"$connections" -d"${seconds}s" -s "$top/tests/bench/tokens.lua" "http://127.0.0.1:$1" -- \
        /auth/profile "$root/auth/$2")
    if grep -E 'Non-2xx|Socket errors' <<<"$output" >&2; then return 1; fi
    awk '/^Requests\/sec/ {print $2}' <<<"$output"
}

limits=()
for limit in registrations logins refreshes requests; do limits+=(-D "plugin.auth.$limit-per-minute=1000000"); done
# start LIFETIME, of what is kept of accounts
start() {
    stop_ours
    "$top/build/release/bin/playhouse" --config "$top/config/playhouse.properties" -D server.address=127.0.0.1 \
        -D server.port=$our_port -D storage.path="$root/auth/storage" -D log.level=warning \
        -D plugin.auth.enabled=true -D plugin.auth.account-cache-lifetime="$1" "${limits[@]}" \
        >"$root/playhouse.log" 2>&1 &
    our_pid=$!
    wait_for Playhouse "$our_pid" $our_port "$root/playhouse.log"
}

# compare NAME TARGET
compare() {
    local ours=() theirs=() figure _
    for _ in $(seq "$rounds"); do
        figure=$(load $our_port ours)
        ours+=("$figure")
        figure=$(load $peer_port peer)
        theirs+=("$figure")
    done
    awk -v n="$1" -v t="$2" -v a="$(printf '%s\n' "${ours[@]}" | median)" \
        -v b="$(printf '%s\n' "${theirs[@]}" | median)" 'BEGIN {
        printf "%-20s playhouse %7.0f/s  fastify %7.0f/s  ratio %.2f  %s\n", n, a, b, a / b, t }'
}

start "5 s"
PORT=$peer_port node "$root/fastify/server.mjs" >"$root/fastify.log" 2>&1 &
peer_pid=$!
wait_for Fastify "$peer_pid" $peer_port "$root/fastify.log"
register $our_port ours
register $peer_port peer

echo "$(nproc) cores, $(uname -r), node $(node --version), PostgreSQL $(psql --version | awk '{print $3}')," \
    "$rounds rounds of $seconds s"
compare profile "(target 3)"
start "0 s"
compare "profile, no cache" ""
stop_ours
stop "$peer_pid"
peer_pid=""
missed=0
"$tools/bin/login-storm" --rounds "$rounds" --seconds "$seconds" || missed=1
"$tools/bin/bulk-insert" "$rounds" || missed=1
exit $missed
