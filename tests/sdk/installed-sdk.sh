#!/usr/bin/env bash
# What a stranger does, by docs/writing-a-plugin.md. See --help.
set -euo pipefail

[[ ${1:-} == --help ]] && {
    cat <<'TEXT'
Usage: tests/sdk/installed-sdk.sh BUILD

Installs the build directory BUILD to a temporary directory and works there, with nothing of this tree in reach, as the
author of a plugin does: runs every command of docs/writing-a-plugin.md in its order, and looks at what comes of it.
Ends with 1 at the first thing that is not as it should be.
TEXT
    exit 0
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
# shellcheck source=tests/sdk/websocket.sh
. "$here/websocket.sh"

scratch=$(mktemp -d)
home=$scratch/home
prefix=$home/playhouse
log=$scratch/log
server=
mkdir "$home"
touch "$log" "$scratch/server.log"
# shellcheck disable=SC2317 # the trap calls it
finish() {
    if [[ -n $server ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap finish EXIT

fail() {
    printf 'installed-sdk: %s\n' "$*" >&2
    tail -n 30 "$log" "$scratch/server.log" >&2 || true
    exit 1
}

expect() { # WHAT EXPECTED ACTUAL
    [[ $3 == "$2" ]] || fail "$1: expected \"$2\", but it is \"$3\""
    printf '%s\n' "$1"
}

# A stranger's environment.
environment=(env -i HOME="$home" PATH="$prefix/bin:/usr/local/bin:/usr/bin:/bin" TMPDIR="$scratch")
clean() { "${environment[@]}" "$@"; }
quietly() { "$@" >"$log" 2>&1 || fail "$* failed:"; }

# shellcheck disable=SC2016 # marks of Markdown
mapfile -t guide < <(sed -n '/^```sh$/,/^```$/{/^```/!p}' "$tree/docs/writing-a-plugin.md")
# The next command of the guide is this one.
says() {
    [[ ${guide[0]:-} == "$1" ]] || fail "docs/writing-a-plugin.md says \"${guide[0]:-}\" where this test does \"$1\""
    guide=("${guide[@]:1}")
}
does() {
    says "$1"
    quietly clean bash -c "$1"
}

# The build directory is what the first two would make.
says 'cmake --preset release'
says 'cmake --build --preset release'
# shellcheck disable=SC2016 # as the guide says it
says 'cmake --install build/release --prefix "$HOME/playhouse"'
quietly cmake --install "$build" --prefix "$prefix"
# shellcheck disable=SC2016 # as the guide says it
says 'export PATH="$HOME/playhouse/bin:$PATH"'
leaks=$(grep -rlF -e "$tree" -e "$build" "$prefix/lib/cmake" "$prefix/include" "$prefix/share" || true)
expect "nothing that is installed names this tree" "" "$leaks"
quietly env DESTDIR="$scratch/root" cmake --install "$build" --prefix /usr --component runtime
expect "an installation can be packed elsewhere" "$(clean playhouse --version | head -n 1)" \
    "$(env -i "$scratch/root/usr/bin/playhouse" --version | head -n 1)"


printf 'find_package(PlayhouseSdk REQUIRED CONFIG)\n' >"$scratch/other.cmake"
refusal=$(clean cmake -DCMAKE_CXX_COMPILER_ID=Clang -DCMAKE_CXX_COMPILER_VERSION=14.0.6 \
    -DPlayhouseSdk_DIR="$prefix/lib/cmake/PlayhouseSdk" -P "$scratch/other.cmake" 2>&1 | tr -s ' \n' ' ' || true)
expect "another compiler is refused at once" yes "$([[ $refusal == *"refuses plugins of Clang 14.0.6"* ]] && echo yes)"

cd "$home"
does 'playhousectl new applause'
says 'cd applause'
cd applause
expect "the new plugin has its own name throughout" "" "$(grep -rwiE "example[a-z]*" . || true)"
# shellcheck disable=SC2016 # as the guide says it
does 'cmake -S . -B build -DCMAKE_PREFIX_PATH="$HOME/playhouse"'
does 'cmake --build build'
does 'ctest --test-dir build'
printf 'its unit test passes\n'

says 'playhouse --config develop.properties'
# Not clean(): of a function the shell would know a process of its own, and the server would outlive it.
"${environment[@]}" PORT=0 playhouse --config develop.properties >"$scratch/ready" 2>"$scratch/server.log" &
server=$!
for ((tenth = 0; tenth < 300; ++tenth)); do
    if [[ -s $scratch/ready ]] || ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
done
port=$(sed -nE 's|.* is ready: http://.*:([0-9]+)/.*|\1|p' "$scratch/ready")
[[ -n $port ]] || fail "the server did not start:"

vote() { curl -sS -o "$scratch/answer" -w '%{http_code}' -X POST "http://localhost:$port/applause/votes/$1"; }
counts() { curl -sS "http://localhost:$port/applause/votes" | sed -E 's/.*"data":(\{[^}]*\}).*/\1/'; }

# Of another port here.
says 'curl -X POST http://localhost:3000/applause/votes/yes'
expect "a vote is taken" 204 "$(vote yes)"
says 'curl http://localhost:3000/applause/votes'
expect "it is counted" '{"no":0,"yes":1}' "$(counts)"
expect "an unknown choice is refused" 400 "$(vote maybe)"
websocket_open "$port" /applause/live
expect "who watches is sent the counts" '{"no":0,"yes":1}' "$(websocket_receive)"
websocket_send no
expect "and each vote" '{"no":1}' "$(websocket_receive)"

sed -i 's/"0\.1\.0"/"0.2.0"/; s/Response(204)/Response(202)/' Plugin.cpp
quietly clean cmake --build build
control() { clean playhousectl --socket build/storage/control.sock "$@"; }
for ((tenth = 0; tenth < 300; ++tenth)); do
    if control plugins | grep -q '0\.2\.0'; then break; fi
    sleep 0.1
done
expect "the new version has taken over by itself" 202 "$(vote yes)"
expect "it keeps the votes" '{"no":1,"yes":2}' "$(counts)"
expect "the WebSocket stayed open" '{"yes":2}' "$(websocket_receive)"
websocket_send no
expect "and votes still" '{"no":2}' "$(websocket_receive)"

does 'playhousectl verify build/applause.so'
printf 'it is one that a server loads\n'
does 'openssl genpkey -algorithm ed25519 -out signing.pem'
does 'playhousectl sign build/applause.so --key signing.pem'
# shellcheck disable=SC2016 # as the guide says it
does 'cmake --install build --prefix "$HOME/playhouse"'
expect "it is installed where servers look" yes "$([[ -e $prefix/lib/playhouse/plugins/applause.so ]] && echo yes)"
quietly control swap applause "$prefix/lib/playhouse/plugins/applause.so"
expect "and swapped from there" '{"no":2,"yes":2}' "$(counts)"
expect "this test runs all that the guide says" "" "${guide[*]}"
