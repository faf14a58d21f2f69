#!/usr/bin/env bash
# What a stranger does: installs Playhouse, makes a plugin, tests it, runs it, changes it, and swaps it. See --help.
set -euo pipefail

[[ ${1:-} == --help ]] && {
    cat <<'TEXT'
Usage: tests/sdk/installed-sdk.sh BUILD

Installs the build directory BUILD to a temporary directory and works there, with nothing of this tree in reach, as the
author of a plugin does. Ends with 1 at the first thing that is not as docs/writing-a-plugin.md says.
TEXT
    exit 0
}

fail() {
    printf 'installed-sdk: %s\n' "$*" >&2
    if [[ -e ${log:-} ]]; then tail -n 30 "$log" >&2; fi
    exit 1
}

expect() { # WHAT EXPECTED ACTUAL
    [[ $3 == "$2" ]] || fail "$1: expected $2, but it is $3"
    printf '%s\n' "$1"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
# shellcheck source=tests/sdk/websocket.sh
. "$here/websocket.sh"

scratch=$(mktemp -d)
prefix=$scratch/prefix
log=$scratch/log
server=
# shellcheck disable=SC2317 # the trap calls it
finish() {
    if [[ -n $server ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap finish EXIT

# A stranger's environment.
clean() { env -i HOME="$scratch" PATH="$prefix/bin:/usr/local/bin:/usr/bin:/bin" TMPDIR="$scratch" "$@"; }
quietly() { "$@" >"$log" 2>&1 || fail "$* failed:"; }
control() { clean playhousectl --socket "$scratch/storage/control.sock" "$@"; }

quietly cmake --install "$build" --prefix "$prefix"
leaks=$(grep -rlF -e "$tree" -e "$build" "$prefix/lib/cmake" "$prefix/include" "$prefix/share" || true)
expect "nothing that is installed names this tree" "" "$leaks"
version=$(clean playhouse --version | head -n 1)

quietly env DESTDIR="$scratch/root" cmake --install "$build" --prefix /usr --component runtime
expect "an installation can be packed elsewhere" "$version" \
    "$(env -i "$scratch/root/usr/bin/playhouse" --version | head -n 1)"

cd "$scratch"
quietly clean playhousectl new applause
cd applause
expect "the new plugin has its own name throughout" "" "$(grep -riE "example" . || true)"
quietly clean cmake -S . -B build -DCMAKE_PREFIX_PATH="$prefix"
quietly clean cmake --build build --parallel
quietly clean ctest --test-dir build --output-on-failure
printf 'its unit test passes\n'
quietly control verify build/applause.so
printf 'it is one that a server loads\n'

clean playhouse --config develop.properties -D plugin.applause.watch=false -D server.port=0 \
    -D storage.path="$scratch/storage" >"$scratch/ready" 2>"$log" &
server=$!
for ((tenth = 0; tenth < 300; ++tenth)); do
    if [[ -s $scratch/ready ]] || ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
done
url=$(sed -nE 's|.* is ready: (http://[^ ]*[0-9]).*|\1|p' "$scratch/ready")
[[ -n $url ]] || fail "the server did not start:"

vote() { curl -sS -o "$scratch/answer" -w '%{http_code}' -X POST "$url/applause/votes/$1"; }
counts() { curl -sS "$url/applause/votes" | sed -E 's/.*"data":(\{[^}]*\}).*/\1/'; }

expect "a vote is taken" 204 "$(vote yes)"
expect "it is counted" '{"no":0,"yes":1}' "$(counts)"
expect "an unknown choice is refused" 400 "$(vote maybe)"
websocket_open "${url##*:}" /applause/live
expect "who watches is sent the counts" '{"no":0,"yes":1}' "$(websocket_receive)"
websocket_send no
expect "and each vote" '{"no":1}' "$(websocket_receive)"

sed -i 's/"0\.1\.0"/"0.2.0"/; s/Response(204)/Response(202)/' Plugin.cpp
quietly clean cmake --build build --parallel
expect "what runs is not touched by building" 204 "$(vote yes)"
websocket_receive >/dev/null
quietly control swap applause
expect "the new version answers" 202 "$(vote yes)"
expect "it keeps the votes" '{"no":1,"yes":3}' "$(counts)"
expect "the WebSocket stayed open" '{"yes":3}' "$(websocket_receive)"
websocket_send no
expect "and votes still" '{"no":2}' "$(websocket_receive)"

quietly clean cmake --install build --prefix "$prefix"
expect "it is installed where servers look" yes "$([[ -e $prefix/lib/playhouse/plugins/applause.so ]] && echo yes)"
