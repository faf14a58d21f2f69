#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. See --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    cat <<'TEXT'
Usage: tests/run.sh [OPTION ...]

Installs what is missing, builds the preset "ci" into build/ci, and runs the unit tests, the integration tests, and the
browser tests. The last line is "N passed, N failed" over all of them. The exit code is 0 only when something passed,
nothing failed and nothing was skipped.

  --unit-only     unit tests alone
  --filter TEXT   only tests whose name holds TEXT, such as HeadersTest or swapKeepsOpenSocketsOpen
  --help          this text
TEXT
}

fail() {
    printf 'tests: %s\n' "$*" >&2
    exit 1
}

unit_only=false
filter=
while (($#)); do
    case "$1" in
        --unit-only) unit_only=true ;;
        --filter)
            [[ -n ${2:-} ]] || fail "--filter needs a part of a test's name"
            filter=$2
            shift
            ;;
        --help | -h) usage && exit 0 ;;
        *) fail "unknown argument $1; --help tells what there is" ;;
    esac
    shift
done

passed=0
failed=0
skipped=0
broken=()

# count PASSED FAILED SKIPPED
count() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }

# Counts single tests where a suite's last line is "NAME: N passed, N failed", else the suite as one.
count_ctest() { # JUNIT_FILE
    local totals
    totals=$(awk '
        function finish() {
            if (name == "") return
            if (status == "run" && counted) { p += passed; f += failed }
            else if (status == "run") p += 1
            else if (status == "fail") { f += failed > 0 ? failed : 1; p += counted ? passed : 0 }
            else s += 1
            name = ""
        }
        /<testcase / {
            finish()
            counted = passed = failed = 0
            name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name)
            status = $0; sub(/.* status="/, "", status); sub(/".*/, "", status)
        }
        name != "" && match($0, /: [0-9]+ passed, [0-9]+ failed/) {
            split(substr($0, RSTART, RLENGTH), words, " ")
            counted = 1; passed = words[2]; failed = words[4]
        }
        END { finish(); print p + 0, f + 0, s + 0 }' "$1")
    # shellcheck disable=SC2086 # three numbers
    count $totals
}

run_ctest() { # LABEL
    local report=$PWD/build/ci/tests-$1.xml
    printf '\n== %s tests\n' "$1"
    rm -f "$report"
    PLAYHOUSE_TEST_FILTER=$filter ctest --preset ci --label-regex "^$1\$" --parallel "$(nproc)" --no-tests=ignore \
        --test-output-size-passed 1000000 --test-output-size-failed 1000000 --output-junit "$report" || broken+=("$1")
    if [[ -e $report ]]; then count_ctest "$report"; fi
}

run_browser() {
    printf '\n== browser tests\n'
    local modules=tests/browser/node_modules/.package-lock.json
    if [[ ! -e $modules || tests/browser/package-lock.json -nt $modules ]]; then
        npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error || {
            broken+=(browser)
            count 0 1 0
            return 0
        }
    fi
    local log=build/ci/tests-browser.tap options=(--test --test-reporter=tap)
    if [[ -n $filter ]]; then options+=("--test-name-pattern=$filter"); fi
    (cd tests/browser && PLAYHOUSE_BUILD="$PWD/../../build/ci" node "${options[@]}") >"$log" || broken+=(browser)
    # Each test's line, with what went wrong below it.
    grep -vE '^ *(#|TAP|1\.\.|---|\.\.\.|duration_ms|type:)' "$log" | grep -vE "SKIP test name|^ *$" || true
    local total
    for total in pass fail cancelled skipped todo; do
        local -i "${total}_count=$(sed -n "s/^# $total //p" "$log" | tail -n 1)"
    done
    # shellcheck disable=SC2154 # declared in the loop
    count "$pass_count" $((fail_count + cancelled_count)) $((skipped_count + todo_count))
}

labels=(unit)
$unit_only || labels+=(integration)
deploy/install-dependencies.sh --build --content --test
# What another clone has compiled of the same sources is compiled.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
build=build/ci
if ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" $build/CMakeCache.txt; then rm -f $build/CMakeCache.txt; fi
configured=$(cmake --preset ci 2>&1) || fail "CMake could not configure:
$configured"
targets=()
if $unit_only; then targets=(--target unit-tests); fi
cmake --build --preset ci "${targets[@]}" || fail "the build failed; what the compiler said is above"

for label in "${labels[@]}"; do run_ctest "$label"; done
if ! $unit_only && [[ -e tests/browser/package.json ]]; then run_browser; fi

printf '\n'
if ((skipped > 0)) && [[ -z $filter ]]; then printf '%d skipped, which counts as a failure of this run\n' "$skipped"; fi
if ((passed + failed == 0)); then printf 'no test has "%s" in its name\n' "$filter"; fi
if ((${#broken[@]})); then printf 'failing: %s\n' "${broken[*]}"; fi
printf '%d passed, %d failed\n' "$passed" "$failed"
((${#broken[@]} == 0 && failed == 0 && passed > 0)) && { ((skipped == 0)) || [[ -n $filter ]]; }
