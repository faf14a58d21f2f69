# shellcheck shell=bash
# Runs ffmpeg so that a file is there whole or not at all, and says how far it is. Sourced by make-sample-content.sh.

partial=
encoder=
encoder_log=

# Ends the encoder and removes its unfinished file, however the script ends.
discard_partial() {
    [[ -z $encoder ]] || kill "$encoder" 2>/dev/null || true
    [[ -z $encoder ]] || wait "$encoder" 2>/dev/null || true
    [[ -z $encoder_log ]] || rm -f "$encoder_log"
    [[ -z $partial ]] || rm -f "$partial"
}

# encode FILE LABEL SECONDS ARGUMENT...: ffmpeg with ARGUMENTs makes FILE, unless it is there.
encode() {
    local file=$1 label=$2 seconds=$3
    shift 3
    [[ ! -e $file ]] || return 0
    partial=${file%/*}/.${file##*/}.partial
    encoder_log=${encoder_log:-$(mktemp)}
    local began=$SECONDS
    exec {progress}< <(exec ffmpeg -nostdin -hide_banner -loglevel error -nostats -progress pipe:1 -y "$@" "$partial" \
        2>"$encoder_log")
    encoder=$!
    show_progress "$label" "$seconds" <&"$progress"
    exec {progress}<&-
    local status=0
    wait "$encoder" || status=$?
    encoder=
    if ((status != 0)) || disk_is_full; then
        end_line
        disk_is_full && fail "the disk is full at ${file%/*}. Free some space and start again: finished files are kept"
        fail "ffmpeg could not make ${file##*/} (exit code $status):
$(tail -n 5 "$encoder_log")"
    fi
    mv "$partial" "$file"
    partial=
    report "$label" "done in $((SECONDS - began)) s, $(du -h --apparent-size "$file" | cut -f1)B"
    end_line
}

disk_is_full() {
    grep -q "No space left on device" "$encoder_log" ||
        (($(df --output=avail --block-size=1024 "${partial%/*}" | tail -n 1) < 256))
}

# show_progress LABEL SECONDS: reads what `ffmpeg -progress` prints.
show_progress() {
    local label=$1 seconds=$2 key value percent shown=-1 began=$SECONDS step=25
    if [[ -t 1 ]]; then step=1; fi
    while IFS='=' read -r key value; do
        [[ $key == out_time_us && $value =~ ^[0-9]+$ ]] || continue
        percent=$((value / (10000 * seconds)))
        ((percent < 100)) || continue
        ((percent / step > shown)) || continue
        shown=$((percent / step))
        ((percent > 0)) || continue
        report "$label" "$(printf '%3d %%, %d s left' "$percent" \
            $(((SECONDS - began) * (100 - percent) / percent)))"
    done
}

# One line that is written over in a terminal, and plain lines in a log.
report() {
    if [[ -t 1 ]]; then
        printf '\r\033[K  %-22s %s' "$1" "$2"
    else
        printf '  %-22s %s\n' "$1" "$2"
    fi
}

end_line() { if [[ -t 1 ]]; then printf '\n'; fi; }
