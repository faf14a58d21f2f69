#!/usr/bin/env bash
# Makes the Debian packages of a build directory, and runs what is in them. See --help.
set -euo pipefail

[[ ${1:-} == --help ]] && {
    cat <<'TEXT'
Usage: tests/sdk/debian-packages.sh BUILD

Packs the build directory BUILD by cpack into a temporary directory, unpacks that, and runs it.
TEXT
    exit 0
}

fail() {
    printf 'debian-packages: %s\n' "$*" >&2
    exit 1
}

build=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

(cd "$scratch" && cpack --config "$build/CPackConfig.cmake" -B "$scratch/packages") >"$scratch/log" 2>&1 ||
    fail "cpack: $(cat "$scratch/log")"
runtime=("$scratch"/packages/playhouse_*.deb)
sdk=("$scratch"/packages/playhouse-sdk_*.deb)

holds() { # PACKAGE PATH...
    local files path
    files=$(dpkg-deb --contents "$1" | awk '{ print $6 }')
    for path in "${@:2}"; do
        [[ $'\n'$files$'\n' == *$'\n'./"$path"$'\n'* ]] || fail "${1##*/} holds no $path, but
$files"
    done
}
# The name that plugins are linked to ends in the number of the binary surface.
library=$(readlink "$build/lib/libplayhouse-sdk.so")
holds "${runtime[0]}" usr/bin/playhouse usr/bin/playhousectl usr/lib/"$library" \
    usr/lib/playhouse/plugins/auth.so usr/lib/playhouse/plugins/streaming.so usr/lib/playhouse/plugins/watch.so \
    etc/playhouse/playhouse.properties usr/share/playhouse/config/production.properties \
    usr/lib/systemd/system/playhouse.service usr/share/doc/playhouse/copyright usr/share/bash-completion/completions/playhousectl
holds "${sdk[0]}" usr/lib/libplayhouse-sdk.so usr/lib/libplayhouse-sdk-testing.a usr/include/playhouse/Plugin.h \
    usr/lib/cmake/PlayhouseSdk/PlayhouseSdkConfig.cmake usr/share/playhouse/template/Plugin.cpp
if dpkg-deb --contents "${runtime[0]}" | grep -q /include/; then fail "the server's package holds headers"; fi

depends() { # PACKAGE NAME...
    local name dependencies
    dependencies=$(dpkg-deb --field "$1" Depends)
    for name in "${@:2}"; do
        [[ ", $dependencies" == *", $name"* ]] || fail "${1##*/} does not depend on $name, but on $dependencies"
    done
}
depends "${runtime[0]}" libc6 libpocofoundation80 libboost-json1.81.0 libavformat59 libssl3 \
    libpocodata80 libpocodatasqlite80 libpocodatapostgresql80 libpocoredis80 libpoconetssl80 libpocojwt80 libargon2-1 libzxcvbn0 libidn2-0
depends "${sdk[0]}" "playhouse (= " libboost1.81-dev libpoco-dev g++ cmake

for package in "${runtime[0]}" "${sdk[0]}"; do dpkg-deb --extract "$package" "$scratch/root"; done
env -i "$scratch/root/usr/bin/playhouse" --version
env -i "$scratch/root/usr/bin/playhousectl" --help >/dev/null
printf 'both packages hold what they should\n'
