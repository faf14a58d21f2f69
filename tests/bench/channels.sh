#!/usr/bin/env bash
# Measures fan-out to WebSockets beside nchan, in one run, and prints ratios of medians.
set -euo pipefail

rounds=5
seconds=4
sockets="1000 4000 8000"
window=64

usage() {
    cat <<EOF
Usage: tests/bench/channels.sh [--rounds N] [--seconds N] [--sockets "N ..."] [--window N]

One message of 200 bytes goes to each of N WebSockets (default: $sockets), on Playhouse and on nchan with two workers.
Each figure is the median of $rounds rounds, in which the servers take turns:
  deliveries   a second, as fast as the server takes messages, at most N (default $window) of them under way;
               target: at least 1.4 times nchan's
  CPU          of the server, a delivery, at the same time; target: at most 0.75 of nchan's
  p99          of the latency at 20,000 deliveries a second; target: no more than nchan's
A round takes two measurements of N seconds (default $seconds) of each server. The client is channel-load, which compares
every delivery byte by byte and takes part of the same machine: it says how much in what is kept in build/bench/fan-out.
EOF
}

while [ $# -gt 0 ]; do
    case $1 in
        --rounds) rounds=$2; shift 2 ;;
        --seconds) seconds=$2; shift 2 ;;
        --sockets) sockets=$2; shift 2 ;;
        --window) window=$2; shift 2 ;;
        --help|-h) usage; exit 0 ;;
        *) echo "channels.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
    esac
done

# shellcheck source=tests/bench/servers.sh
. "$(dirname "$0")/servers.sh"
build channel-load idle-connections fixture-echo-1-plugin

# measure NAME PORT PID SOCKETS TOPIC: appends a line of JSON to NAME's results
measure() {
    local at="ws://127.0.0.1:$2/topics/$5"
    "$tools/bin/channel-load" --subscribe "$at" --publish "$at/publisher" --server-pid "$3" --subscribers "$4" \
        --window "$window" --seconds "$seconds" >>"$results/$1-$4.json"
}

# compare SOCKETS OBJECT MEMBER LABEL UNIT TARGET: TARGET is "least R" or "most R" for our figure over theirs
compare() {
    local ours theirs
    ours=$(member "$2" "$3" <"$results/playhouse-$1.json" | median)
    theirs=$(member "$2" "$3" <"$results/nchan-$1.json" | median)
    awk -v n="$1" -v label="$4" -v unit="$5" -v target="$6" -v ours="$ours" -v theirs="$theirs" 'BEGIN {
        split(target, part, " ")
        ratio = ours / theirs
        holds = part[1] == "least" ? ratio >= part[2] : ratio <= part[2]
        printf "%5d sockets  %-10s playhouse %10.2f %-4s nchan %10.2f %-4s ratio %5.2f  (target: at %s %s)  %s\n", n,
            label, ours, unit, theirs, unit, ratio, part[1], part[2], holds ? "holds" : "MISSED" }'
}

results=$root/fan-out
rm -rf "$results" && mkdir -p "$results"
echo "$(machine), $rounds rounds of 2 x $seconds s, $window messages under way"
start_ours
start_nchan
for count in $sockets; do
    for round in $(seq "$rounds"); do
        measure playhouse $our_port "$our_pid" "$count" "round-$round-of-$count"
        measure nchan $nchan_port "$nchan_pid" "$count" "round-$round-of-$count"
    done
    compare "$count" saturated deliveriesPerSecond deliveries "/s" "least 1.4"
    compare "$count" saturated serverMicrosecondsPerDelivery CPU "us" "most 0.75"
    compare "$count" fixedRate p99Milliseconds p99 "ms" "most 1.0"
done
