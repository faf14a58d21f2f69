#!/usr/bin/env bash
# Measures the server beside nginx, in one run, and prints ratios of medians.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
rounds=5
seconds=4
only=""

usage() {
    cat <<EOF
Usage: tests/bench/run.sh [--rounds N] [--seconds N] [--only NAME]

Measures, one load generator thread (wrk -t1) on this machine, both servers with one worker a core, each figure the
median of N rounds (default $rounds) of N seconds (default $seconds) that take turns:
  playlist   a media playlist, 50 and 1000 connections, against nginx serving the same bytes as a file
  cached     400 KB segments from the segment cache, 100 connections, against nginx with sendfile
  fresh      2 s segments packaged at each request, TS and CMAF, 50 connections, against nginx serving them as files
  start      from exec to the first answered request, with all plugins
nginx's configuration is tests/bench/nginx.conf. Ratios above 1 are in our favour.
EOF
}

while [ $# -gt 0 ]; do
    case $1 in
        --rounds) rounds=$2; shift 2 ;;
        --seconds) seconds=$2; shift 2 ;;
        --only) only=$2; shift 2 ;;
        --help|-h) usage; exit 0 ;;
        *) echo "run.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
    esac
done

"$top/deploy/install-dependencies.sh" --build --content --bench
cmake --preset release -S "$top" >/dev/null
cmake --build "$top/build/release" >/dev/null
binary=$top/build/release/bin/playhouse

root=$top/build/bench
storage=$root/storage
mkdir -p "$storage/videos" "$root/tmp" "$root/files"
our_port=3987
nginx_port=3988
our_pid=""
trap 'stop_ours; stop_nginx' EXIT

stop_ours() {
    [ -z "$our_pid" ] || { kill "$our_pid" 2>/dev/null && wait "$our_pid" 2>/dev/null || true; }
    our_pid=""
}

stop_nginx() {
    [ ! -e "$root/nginx.pid" ] || kill "$(cat "$root/nginx.pid")" 2>/dev/null || true
}

# start_ours CACHE_SIZE
start_ours() {
    stop_ours
    "$binary" --config "$top/config/playhouse.properties" -D server.address=127.0.0.1 -D server.port=$our_port \
        -D storage.path="$storage" -D plugins.enable-all=true -D log.level=warning \
        -D control.socket="$root/control.sock" -D plugin.streaming.enabled=true -D plugin.watch.enabled=true \
        -D plugin.streaming.segment-duration="2 s" -D plugin.streaming.segment-cache-size="$1" \
        2>"$root/playhouse.log" >&2 &
    our_pid=$!
    for _ in $(seq 600); do
        curl -sf -o /dev/null "http://127.0.0.1:$our_port/stream/hls/bench/master.m3u8" && return
        sleep 0.05
    done
    echo "run.sh: the server did not begin to stream; see $root/playhouse.log" >&2
    exit 1
}

start_nginx() {
    sed "s|@ROOT@|$root|g; s|@PORT@|$nginx_port|g" "$here/nginx.conf" >"$root/nginx.conf"
    stop_nginx
    /usr/sbin/nginx -c "$root/nginx.conf" -e "$root/nginx-error.log"
}

# One video: 20 s at a constant 1.6 Mbit/s (400 KB in 2 s) and 5 Mbit/s.
make_content() {
    local folder=$storage/videos/bench partial=$storage/videos/.bench
    [ -d "$folder" ] && return
    echo "Making the video to measure with ..."
    rm -rf "$partial" && mkdir -p "$partial"
    local name size rate
    for name in 480p:854x480:1500 1080p:1920x1080:5000; do
        IFS=: read -r name size rate <<<"$name"
        ffmpeg -v error -y -f lavfi -i "testsrc2=size=$size:rate=30:duration=20,noise=alls=20:allf=t" \
            -f lavfi -i "sine=frequency=440:sample_rate=48000:duration=20" -c:v libx264 -preset veryfast -g 60 \
            -keyint_min 60 -sc_threshold 0 -pix_fmt yuv420p -b:v "${rate}k" -minrate "${rate}k" -maxrate "${rate}k" \
            -bufsize "${rate}k" -x264-params nal-hrd=cbr -c:a aac -b:a 96k -movflags +faststart "$partial/$name.mp4"
    done
    mv "$partial" "$folder"
}

# keep PATH: copies what we answer into nginx's folder; prints the path there
keep() {
    local path=${1%%\?*}
    mkdir -p "$root/files$(dirname "$path")"
    curl -sf -o "$root/files$path" "http://127.0.0.1:$our_port$1"
    echo "$path"
}

# load PORT CONNECTIONS PATH...: requests a second
load() {
    local port=$1 connections=$2
    shift 2
    local output
    output=$(wrk -t1 -c"$connections" -d"${seconds}s" -s "$here/cycle.lua" "http://127.0.0.1:$port" -- "$@")
    if grep -qE 'Non-2xx|Socket errors' <<<"$output"; then
        grep -E 'Non-2xx|Socket errors' <<<"$output" >&2
    fi
    awk '/^Requests\/sec/ {print $2}' <<<"$output"
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# compare NAME TARGET CONNECTIONS OUR_PATHS NGINX_PATHS (each a list by spaces)
compare() {
    local name=$1 target=$2 connections=$3 ours=() theirs=()
    local round
    # shellcheck disable=SC2086
    for round in $(seq "$rounds"); do
        ours+=("$(load $our_port "$connections" $4)")
        theirs+=("$(load $nginx_port "$connections" $5)")
    done
    local a b size
    a=$(printf '%s\n' "${ours[@]}" | median)
    b=$(printf '%s\n' "${theirs[@]}" | median)
    size=$(stat -c %s "$root/files${5%% *}")
    awk -v n="$name" -v t="$target" -v a="$a" -v b="$b" -v s="$size" 'BEGIN {
        printf "%-34s playhouse %9.0f/s (%6.0f MB/s)  nginx %9.0f/s (%6.0f MB/s)  ratio %.2f  (target %s)\n",
            n, a, a * s / 1e6, b, b * s / 1e6, a / b, t }'
}

wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

uris() { grep -v '^#' | grep .; }

# segments PLAYLIST: absolute paths of its first ten segments, the short last one left out
segments() {
    local base
    base=$(dirname "$1")
    curl -sf "http://127.0.0.1:$our_port$1" | uris | head -n 9 | while read -r uri; do
        case $uri in /*) echo "$uri" ;; *) echo "$base/$uri" ;; esac
    done
}

keep_all() { while read -r path; do keep "$path"; done; }

echo "$(nproc) cores, $(uname -r), nginx $(/usr/sbin/nginx -v 2>&1 | sed 's|.*/||'), $rounds rounds of $seconds s"
make_content

if wanted playlist; then
    start_ours "256 MiB"
    list=/stream/hls/bench/1080p/playlist.m3u8
    kept=$(keep $list)
    start_nginx
    compare "media playlist, 50 connections" 1.0 50 "$list" "$kept"
    compare "media playlist, 1000 connections" 1.0 1000 "$list" "$kept"
fi
if wanted cached; then
    start_ours "256 MiB"
    ours=$(segments /stream/hls/bench/480p/playlist.m3u8)
    kept=$(keep_all <<<"$ours")
    start_nginx
    compare "400 KB segments, cached, 100" 0.9 100 "$(tr '\n' ' ' <<<"$ours")" "$(tr '\n' ' ' <<<"$kept")"
fi
if wanted fresh; then
    start_ours 0
    for container in ts fmp4; do
        ours=$(segments "/stream/hls/bench/1080p/playlist.m3u8?container=$container")
        kept=$(keep_all <<<"$ours")
        start_nginx
        compare "2 s segments, fresh, $container, 50" 0.9 50 "$(tr '\n' ' ' <<<"$ours")" "$(tr '\n' ' ' <<<"$kept")"
    done
fi
if wanted start; then
    start_ours "256 MiB"
    stop_ours
    times=()
    for _ in $(seq "$rounds"); do
        begin=$(date +%s%N)
        "$binary" --config "$top/config/playhouse.properties" -D server.address=127.0.0.1 -D server.port=$our_port \
            -D storage.path="$storage" -D plugins.enable-all=true -D log.level=warning \
            -D control.socket="$root/control.sock" -D plugin.streaming.enabled=true -D plugin.watch.enabled=true \
            2>"$root/playhouse.log" >&2 &
        our_pid=$!
        until exec 9<>"/dev/tcp/127.0.0.1/$our_port"; do :; done 2>/dev/null
        printf 'GET /stream/hls/bench/master.m3u8 HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n' >&9
        read -r status <&9
        end=$(date +%s%N)
        exec 9>&-
        case $status in *" 200 "*) ;; *) echo "run.sh: the first answer was $status" >&2; exit 1 ;; esac
        times+=($(((end - begin) / 1000)))
        stop_ours
    done
    printf '%s\n' "${times[@]}" | median | awk '{printf "%-34s %.1f ms  (target 200 ms)\n", "start to first answer", $1 / 1000}'
fi
