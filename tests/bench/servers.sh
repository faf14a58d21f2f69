# shellcheck shell=bash
# Sourced by channels.sh, idle.sh and auth.sh: builds what they measure, starts and stops it. Every way out of the
# script stops what it has started.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
root=$top/build/bench
tools=$top/build/release-tests
our_port=3985
nchan_port=3986
our_pid=""
nchan_pid=""

stop() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
stop_ours() { stop "$our_pid"; our_pid=""; }
stop_nchan() { stop "$nchan_pid"; nchan_pid=""; }
trap 'stop_ours; stop_nchan' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# quietly COMMAND ...: what it says is shown only when it fails
quietly() {
    local said
    said=$("$@" 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
}

# build TARGET ...: the server as it is released; the targets, which are tests, beside it
build() {
    "$top/deploy/install-dependencies.sh" --build --bench
    quietly cmake --preset release -S "$top"
    quietly cmake --build "$top/build/release"
    quietly cmake --preset release -S "$top" -B "$tools" -DPLAYHOUSE_BUILD_TESTS=ON
    quietly cmake --build "$tools" --target "$@"
    mkdir -p "$root/storage" "$root/tmp"
    ulimit -n "$(ulimit -H -n)"
}

# wait_for NAME PID PORT LOG
wait_for() {
    local _
    for _ in $(seq 200); do
        (exec 9<>"/dev/tcp/127.0.0.1/$3") 2>/dev/null && return
        kill -0 "$2" 2>/dev/null || break
        sleep 0.05
    done
    echo "$1 does not answer on port $3; see $4" >&2
    exit 1
}

start_ours() {
    stop_ours
    "$top/build/release/bin/playhouse" --config "$top/config/playhouse.properties" -D server.address=127.0.0.1 \
        -D server.port=$our_port -D storage.path="$root/storage" -D log.level=warning \
        -D control.socket="$root/control.sock" \
        -D plugin.echo.enabled=true -D plugin.echo.library="$tools/lib/fixtures/echo-1.so" -D plugin.echo.inline=true \
        >"$root/playhouse.log" 2>&1 &
    our_pid=$!
    wait_for Playhouse "$our_pid" $our_port "$root/playhouse.log"
}

start_nchan() {
    stop_nchan
    sed "s|@ROOT@|$root|g; s|@PORT@|$nchan_port|g; s|@MODULE@|$(nchan_module)|g" "$top/tests/bench/nchan.conf" \
        >"$root/nchan.conf"
    /usr/sbin/nginx -c "$root/nchan.conf" -e "$root/nchan-error.log" &
    nchan_pid=$!
    wait_for nchan "$nchan_pid" $nchan_port "$root/nchan-error.log"
}

nchan_module() { dpkg -L libnginx-mod-nchan | grep '/ngx_nchan_module\.so$'; }

# member OBJECT NAME: a number out of one line of JSON, from an object within it or, with "", from itself
member() {
    local object=${1:+\"$1\":}
    grep -o "${object:-^}{[^}]*" | sed -n "s/.*\"$2\":\([0-9.]*\).*/\1/p"
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

machine() { echo "$(nproc) cores, $(uname -r), nginx $(/usr/sbin/nginx -v 2>&1 | sed 's|.*/||') with nchan"; }
