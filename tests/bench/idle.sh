#!/usr/bin/env bash
# Measures the memory that the server holds for each connection that does nothing.
set -euo pipefail

count=10000
settle=3

usage() {
    cat <<EOF
Usage: tests/bench/idle.sh [--count N] [--settle N]

Opens N connections (default $count), from ten loopback addresses, to a server that has just started, waits N seconds
(default $settle), and prints by how much its memory has grown for each:
  keep-alive   connections that have had one request answered; target: at most 4096 bytes
  WebSockets   each with an attribute, in one topic; target: at most 6144 bytes; nchan's beside it
EOF
}

while [ $# -gt 0 ]; do
    case $1 in
        --count) count=$2; shift 2 ;;
        --settle) settle=$2; shift 2 ;;
        --help|-h) usage; exit 0 ;;
        *) echo "idle.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
    esac
done

# shellcheck source=tests/bench/servers.sh
. "$(dirname "$0")/servers.sh"
build channel-load idle-connections fixture-echo-1-plugin

# measure PID URL [--websockets]: bytes a connection
measure() {
    local line
    line=$("$tools/bin/idle-connections" --server-pid "$1" --url "$2" --count "$count" --settle "$settle" "${@:3}")
    member "" bytesPerConnection <<<"$line"
}

# verdict LABEL BYTES LIMIT
verdict() {
    awk -v label="$1" -v bytes="$2" -v limit="$3" 'BEGIN {
        printf "%-24s %6d bytes each  (target: at most %d)  %s\n", label, bytes, limit,
            bytes <= limit ? "holds" : "MISSED" }'
}

echo "$(machine), $count connections"
start_ours
bytes=$(measure "$our_pid" "http://127.0.0.1:$our_port/echo/version")
verdict "idle keep-alive" "$bytes" 4096
start_ours
bytes=$(measure "$our_pid" "ws://127.0.0.1:$our_port/topics/idle" --websockets)
verdict "idle WebSockets" "$bytes" 6144
stop_ours
start_nchan
bytes=$(measure "$nchan_pid" "ws://127.0.0.1:$nchan_port/topics/idle" --websockets)
printf '%-24s %6d bytes each\n' "idle WebSockets of nchan" "$bytes"
