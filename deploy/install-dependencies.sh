#!/usr/bin/env bash
# Installs the Debian packages that Playhouse needs. See --help.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: deploy/install-dependencies.sh [SET ...]

Installs, on Debian 12, the packages that are missing, and does nothing when none is.

Sets:
  --runtime   what the built server needs to run
  --build     compilers, tools and libraries to build it
  --content   ffmpeg and a font, to make the sample content
  --test      the test framework, a browser and the servers that tests start; none is left running
  --fuzz      clang with libFuzzer, for tests/fuzz/run.sh
  --bench     nginx with nchan, PostgreSQL and Redis, which the benchmarks measure against, and wrk; none is left running
Without a set: --build --content.

Options:
  --list      print the packages of the sets, one a line, and install nothing
  --help      this text

Needs root, or sudo.
TEXT
}

fail() {
    printf 'install-dependencies: %s\n' "$*" >&2
    exit 1
}

# A package written package:command also counts as installed when the command is there from another source, such as a
# Node.js newer than Debian's.
runtime=(libpocofoundation80 libpocoutil80 libpocojson80 libpocoxml80 libpoconet80 libpococrypto80 libpocojwt80
    libpocoredis80 libpoconetssl80 libpocodata80 libpocodatasqlite80 libpocodatapostgresql80 libpq5 libsqlite3-0
    libboost-json1.81.0 libboost-filesystem1.81.0 libprometheus-cpp-core1.0 libsystemd0 libssl3 zlib1g
    libavformat59 libavcodec59 libavutil57 libargon2-1 libzxcvbn0 libidn2-0
    ca-certificates)
build=(g++ cmake ninja-build ccache mold pkg-config git ca-certificates libpoco-dev libboost1.81-dev
    libboost-json1.81-dev libboost-filesystem1.81-dev prometheus-cpp-dev libsystemd-dev libssl-dev zlib1g-dev
    libpq-dev libsqlite3-dev
    libavformat-dev libavcodec-dev libavutil-dev libargon2-dev libzxcvbn-dev libidn2-dev nodejs:node npm:npm)
content=(ffmpeg fonts-dejavu-core)
test=(libcppunit-dev clang-format abigail-tools doxygen dpkg-dev file chromium curl ffmpeg fonts-dejavu-core openssl
    redis-server postgresql)
fuzz=(clang-14 libclang-rt-14-dev)
bench=(nginx-light:nginx libnginx-mod-nchan wrk curl libcppunit-dev redis-server postgresql)

packages=()
list=false
chosen=false
while (($#)); do
    case "$1" in
        --runtime) packages+=("${runtime[@]}") chosen=true ;;
        --build) packages+=("${build[@]}") chosen=true ;;
        --content) packages+=("${content[@]}") chosen=true ;;
        --test) packages+=("${test[@]}") chosen=true ;;
        --fuzz) packages+=("${fuzz[@]}") chosen=true ;;
        --bench) packages+=("${bench[@]}") chosen=true ;;
        --list) list=true ;;
        --help | -h) usage && exit 0 ;;
        *) fail "unknown argument $1; --help tells what there is" ;;
    esac
    shift
done
$chosen || packages=("${build[@]}" "${content[@]}")

if $list; then
    printf '%s\n' "${packages[@]%%:*}" | sort -u
    exit 0
fi

# shellcheck disable=SC2016 # the ${...} is dpkg-query's
installed=$(dpkg-query --show --showformat='${db:Status-Abbrev}${Package}\n' 2>/dev/null || true)
missing=()
for entry in "${packages[@]}"; do
    package=${entry%%:*}
    command=${entry#"$package"}
    command=${command#:}
    if [[ -n $command ]] && command -v "$command" >/dev/null; then continue; fi
    [[ $'\n'$installed$'\n' == *$'\nii '"$package"$'\n'* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

distribution=$(. /etc/os-release 2>/dev/null && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-}") || true
[[ $distribution == "debian 12" ]] ||
    fail "this is made for Debian 12, and this machine is \"${distribution:-unknown}\". Missing are: ${missing[*]}"

sudo=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "not root, and there is no sudo. As root, run:
    apt-get install ${missing[*]}"
    sudo=(sudo)
fi

printf 'Installing %s\n' "${missing[*]}"

# Debian starts a server when its package is installed, and nginx would take port 80, Redis 6379, PostgreSQL 5432: no
# service starts from here.
policy=/usr/sbin/policy-rc.d
services=()
for entry in nginx-light:nginx redis-server:redis-server postgresql:postgresql; do
    if [[ " ${missing[*]} " == *" ${entry%%:*} "* ]]; then services+=("${entry#*:}"); fi
done
if ((${#services[@]})) && [[ ! -e $policy ]]; then
    # shellcheck disable=SC2064 # expanded now
    trap "${sudo[*]} rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
fi

apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
"${apt[@]}" update || printf 'install-dependencies: apt-get update failed; going on with the lists there are\n' >&2
"${apt[@]}" install --yes --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]}. What it said is above"

if ((${#services[@]})) && command -v systemctl >/dev/null; then
    for service in "${services[@]}"; do
        "${sudo[@]}" systemctl disable "$service.service" >/dev/null 2>&1 || true
    done
fi
