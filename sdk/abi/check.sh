#!/usr/bin/env bash
# Holds the SDK's binary surface against its description. See --help.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: sdk/abi/check.sh [--update] BUILD

Compares what libplayhouse-sdk.so of the build directory BUILD exports with sdk/abi/exports.txt, and the layout of all
that plugins share with their host with sdk/abi/playhouse-sdk.abi. Names what differs, and ends with 1 then.

  --update   take over what is there now: read docs/sdk-abi.md before
  --help     this text

Needs abigail-tools: deploy/install-dependencies.sh --test.
TEXT
}

fail() {
    printf 'sdk/abi/check.sh: %s\n' "$*" >&2
    exit 1
}

update=false
build=
while (($#)); do
    case "$1" in
        --update) update=true ;;
        --help | -h) usage && exit 0 ;;
        -*) fail "unknown option $1; --help tells what there is" ;;
        *) build=$1 ;;
    esac
    shift
done
[[ -e $build/CMakeCache.txt ]] || fail "name a build directory, such as build/dev; \"$build\" is none"
for tool in abidw abidiff nm; do
    command -v $tool >/dev/null || fail "$tool is missing; run deploy/install-dependencies.sh --build --test"
done

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --build "$build" --target playhouse-sdk playhouse-sdk-abi >"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    fail "the SDK could not be built"
}

nm --dynamic --defined-only --extern-only --demangle "$build/lib/libplayhouse-sdk.so" |
    cut -d ' ' -f 3- | LC_ALL=C sort -u >"$scratch/exports.txt"
abidw --suppressions "$here/libraries.abignore" --headers-dir "$here/../include" --drop-private-types \
    --no-corpus-path --no-comp-dir-path --no-show-locs "$build/sdk/abi/libplayhouse-sdk-abi.so" >"$scratch/playhouse-sdk.abi"

if $update; then
    cp "$scratch/exports.txt" "$scratch/playhouse-sdk.abi" "$here/"
    exit 0
fi

status=0
gone=$(LC_ALL=C comm -23 "$here/exports.txt" "$scratch/exports.txt")
new=$(LC_ALL=C comm -13 "$here/exports.txt" "$scratch/exports.txt")
if [[ -n $gone ]]; then
    printf 'No longer exported, so that plugins built before do not load:\n%s\n' "$gone"
    status=1
fi
if [[ -n $new ]]; then
    printf 'Newly exported:\n%s\n' "$new"
    status=1
fi
abidiff --no-show-locs "$here/playhouse-sdk.abi" "$scratch/playhouse-sdk.abi" || status=1
if ((status)); then printf 'The binary surface of the SDK has changed: docs/sdk-abi.md tells what to do.\n'; fi
exit $status
