# shellcheck shell=bash
# A WebSocket client (RFC 6455) in bash, for messages below 126 bytes: nothing to install, and nothing of this project.

# websocket_open PORT PATH: opens one on descriptor 3 and fails unless the server agrees.
websocket_open() {
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n%s\r\n%s\r\n\r\n' \
        "$2" 'Sec-WebSocket-Version: 13' 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' >&3
    local line status
    IFS= read -r -t 10 status <&3
    while IFS= read -r -t 10 line <&3 && [[ $line != $'\r' ]]; do :; done
    [[ $status == "HTTP/1.1 101 "* ]] || {
        printf 'no WebSocket at %s: %s\n' "$2" "$status" >&2
        return 1
    }
}

# websocket_frame OPCODE TEXT: with a mask of zeros, which leaves the text as it is.
websocket_frame() {
    local LC_ALL=C
    # shellcheck disable=SC2059 # the format is made here
    printf "\\x$(printf '%02x' $((0x80 + $1)))\\x$(printf '%02x' $((0x80 + ${#2})))\\x00\\x00\\x00\\x00%s" "$2" >&3
}

# websocket_send TEXT
websocket_send() { websocket_frame 1 "$1"; }

# websocket_receive: prints the next text, waiting for up to 20 s. Answers pings on the way.
websocket_receive() {
    local LC_ALL=C kind size text
    while true; do
        if ! IFS= read -r -d '' -N 1 -t 20 kind <&3 || ! IFS= read -r -d '' -N 1 -t 20 size <&3; then
            printf 'no message came\n' >&2
            return 1
        fi
        text=
        if [[ -n $size && $size != $'\0' ]]; then
            IFS= read -r -d '' -N "$(printf '%d' "'$size")" -t 20 text <&3
        fi
        case $kind in
            $'\x81') printf '%s\n' "$text" && return ;;
            $'\x89') websocket_frame 10 "$text" ;;
            *) printf 'what came is no text, but 0x%02x\n' "'$kind" >&2 && return 1 ;;
        esac
    done
}
