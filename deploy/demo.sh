#!/usr/bin/env bash
# From a fresh clone to a page that plays video. See --help.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    cat <<'TEXT'
Usage: deploy/demo.sh [OPTION ...]

Installs what is missing, builds Playhouse, makes sample videos and serves them, until Ctrl-C. The first time takes some
minutes, later ones seconds.

  --full          sample videos to 2160p instead of 1080p; takes much longer
  --no-content    make no sample videos; serve those there are
  --profile NAME  serve with config/NAME.properties instead of config/demo.properties
  --help          this text

Environment:
  PORT            where to listen; default 3000
  STORAGE_PATH    where videos are kept; default storage in this repository
TEXT
}

fail() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}

content=(deploy/make-sample-content.sh)
profile=demo
while (($#)); do
    case "$1" in
        --full) ((${#content[@]} == 0)) || content+=(--full) ;;
        --no-content) content=() ;;
        --profile)
            (($# > 1)) || fail "--profile needs a name; --help tells"
            profile=$2
            shift
            ;;
        --help | -h) usage && exit 0 ;;
        *) fail "unknown argument $1; --help tells what there is" ;;
    esac
    shift
done

configuration=config/$profile.properties
[[ -r $configuration ]] || fail "there is no $configuration; there are: $(cd config && echo ./*.properties)"
export PORT=${PORT:-3000}
{ [[ $PORT =~ ^[0-9]{1,5}$ ]] && ((PORT > 0 && PORT < 65536)); } || fail "PORT=$PORT: a number from 1 to 65535"
STORAGE_PATH=${STORAGE_PATH:-$PWD/storage}
[[ $STORAGE_PATH == /* ]] || STORAGE_PATH=$caller/$STORAGE_PATH
export STORAGE_PATH

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }
! answers || fail "port $PORT is in use. Stop what listens there, or choose another: PORT=$((PORT + 1)) deploy/demo.sh"

deploy/install-dependencies.sh --build --content

# A build directory of another place, as after moving or copying the clone, cannot be used again.
build=build/release
if ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" $build/CMakeCache.txt; then rm -rf $build/CMakeCache.txt; fi
if [[ ! -e $build/CMakeCache.txt || ! -e $build/build.ninja ]]; then
    cmake --preset release >"${TMPDIR:-/tmp}/playhouse-configure.$$" ||
        fail "CMake could not configure; what it said is above and in ${TMPDIR:-/tmp}/playhouse-configure.$$"
    rm -f "${TMPDIR:-/tmp}/playhouse-configure.$$"
fi
cmake --build --preset release || fail "the build failed; what the compiler said is above"

if ((${#content[@]})); then "${content[@]}"; fi

# The first start makes accounts for a demonstration; their passwords are shown then, and not again.
credentials=$STORAGE_PATH/demo-credentials.json
hasCredentials=false
if [[ -e $credentials ]]; then hasCredentials=true; fi

# Tells where to look as soon as the server answers; gives up when it is gone.
announce() {
    local server=$1 status
    while kill -0 "$server" 2>/dev/null; do
        if exec 3<>"/dev/tcp/127.0.0.1/$PORT"; then
            printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
            read -r -t 2 _ status _ <&3 || status=
            exec 3>&-
            if [[ $status == 200 ]]; then
                printf '\nPlayhouse serves. Open\n\n    http://localhost:%s/\n\nCtrl-C stops it.\n\n' "$PORT" >&4
                if [[ $hasCredentials == false && -r $credentials ]]; then
                    printf 'Accounts to log in with, kept in %s:\n\n%s\n\n' "$credentials" "$(<"$credentials")" >&4
                fi
                return
            fi
        fi
        sleep 0.2
    done
} 4>&1 2>/dev/null
# Twice in the background, so that the server does not become its parent.
(announce $$ </dev/null &)

exec $build/bin/playhouse --config "$configuration"
