#!/usr/bin/env bash
# Builds the fuzz targets and lets each search for a while. See --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
    cat <<'TEXT'
Usage: tests/fuzz/run.sh [OPTION ...] [TARGET ...]

Installs what is missing, builds the preset "fuzz", and runs each TARGET (all without one) by libFuzzer, beginning with
its inputs in tests/fuzz/corpus. What covers new code is kept in build/fuzz/corpus from run to run. Ends non-zero on a
find, and names the file that reproduces it.

  --seconds N  let each target search for N seconds; 0 only runs the inputs there are. Default: 60
  --jobs N     run N targets at once. Default: the processors
  --keep       afterwards add to tests/fuzz/corpus the smallest inputs that cover more than those there do
  --list       print the targets and end
  --help       this text

To run one find again: build/fuzz/bin/fuzz-TARGET FILE
TEXT
}

fail() {
    printf 'fuzz: %s\n' "$*" >&2
    exit 1
}

number() { # OPTION VALUE
    [[ ${2:-} =~ ^[0-9]+$ ]] || fail "$1 needs a number"
    printf '%s' "$2"
}

known=()
for folder in tests/fuzz/corpus/*/; do known+=("$(basename "$folder")"); done

seconds=60
jobs=$(nproc)
keep=false
targets=()
while (($#)); do
    case "$1" in
        --seconds) seconds=$(number "$1" "${2:-}") && shift ;;
        --jobs) jobs=$(number "$1" "${2:-}") && shift ;;
        --keep) keep=true ;;
        --list) printf '%s\n' "${known[@]}" && exit 0 ;;
        --help | -h) usage && exit 0 ;;
        -*) fail "unknown option $1; --help tells what there is" ;;
        *)
            [[ " ${known[*]} " == *" $1 "* ]] || fail "unknown target $1; there are: ${known[*]}"
            targets+=("$1")
            ;;
    esac
    shift
done
((jobs > 0)) || fail "--jobs needs a number above 0"
((${#targets[@]})) || targets=("${known[@]}")

deploy/install-dependencies.sh --build --fuzz
build=build/fuzz
if ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" $build/CMakeCache.txt; then rm -f $build/CMakeCache.txt; fi
configured=$(cmake --preset fuzz 2>&1) || fail "CMake could not configure:
$configured"
cmake --build --preset fuzz --target "${targets[@]/#/fuzz-}" >$build/build.log 2>&1 ||
    fail "the build failed:
$(cat $build/build.log)"

# A file found under one of these lengths is as good as a longer one.
longest() { # TARGET
    case "$1" in
        media) printf 16384 ;;
        configuration | ranges-conditionals | route-patterns) printf 1024 ;;
        *) printf 2048 ;;
    esac
}

search() { # TARGET
    local target=$1 found=$build/corpus/$1 kept=tests/fuzz/corpus/$1
    mkdir -p "$found" "$build/finds"
    local options=(-dict=tests/fuzz/dictionaries/"$target".dict -max_len="$(longest "$target")" -timeout=20
        -rss_limit_mb=2048 -artifact_prefix="$build/finds/$target-" -print_final_stats=1)
    if ((seconds)); then options+=(-max_total_time="$seconds"); else options+=(-runs=0); fi
    $build/bin/fuzz-"$target" "${options[@]}" "$found" "$kept" >"$build/$target.log" 2>&1
}

# Inputs that only a change of the code has made useless stay: the kept corpus is what found something once.
merge() { # TARGET
    $build/bin/fuzz-"$1" -merge=1 -max_len="$(longest "$1")" tests/fuzz/corpus/"$1" $build/corpus/"$1" \
        >>"$build/$1.log" 2>&1
}

declare -A running=()
broken=()
finish_one() {
    local done_pid status=0
    wait -n -p done_pid "${!running[@]}" || status=$?
    local target=${running[$done_pid]}
    unset "running[$done_pid]"
    local log=$build/$target.log
    if ((status)); then
        broken+=("$target")
        printf '%-22s FAILED\n' "$target"
        grep -vE '^#[0-9]+|NEW_FUNC|^INFO' "$log" | tail -n 60
        return
    fi
    printf '%-22s %s inputs tried, %s\n' "$target" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
        "$(sed -n 's/.*\(cov: [0-9]* ft: [0-9]*\).*/\1/p' "$log" | tail -n 1)"
}

for target in "${targets[@]}"; do
    while ((${#running[@]} >= jobs)); do finish_one; done
    search "$target" &
    running[$!]=$target
done
while ((${#running[@]})); do finish_one; done

if ((${#broken[@]})); then
    printf 'fuzz: finds in %s; their inputs are in %s/finds\n' "${broken[*]}" "$build"
    exit 1
fi
if $keep; then
    for target in "${targets[@]}"; do merge "$target"; done
fi
