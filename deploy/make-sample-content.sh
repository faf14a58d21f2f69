#!/usr/bin/env bash
# Makes the videos of the demonstration with ffmpeg. See --help.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/sample-content/picture.sh
. deploy/sample-content/encode.sh

usage() {
    cat <<'TEXT'
Usage: deploy/make-sample-content.sh [OPTION ...]

Makes videos in $STORAGE_PATH/videos (default ./storage/videos): a test picture with a time code and the name of the
rendition, and each second a flash with a beep.

  demo      60 s, 16:9, 30 fps, 360p to 1080p; sound in English (1000 Hz) and Spanish (600 Hz); subtitles in four languages
  portrait  5 min, 9:16, 25 fps, 360p and 720p; sound and subtitles in English

What is there already is kept; what was interrupted goes on.

  --full                also 1440p and 2160p of demo (takes about three times as long)
  --only VIDEO          demo or portrait alone
  --seconds N           another length, at least 4
  --renditions A,B      only these, such as 360p,720p
  --help                this text
TEXT
}

fail() {
    printf 'make-sample-content: %s\n' "$*" >&2
    exit 1
}

storage=${STORAGE_PATH:-$PWD/storage}
[[ $storage == /* ]] || storage=$caller/$storage
videos=$storage/videos
full=false
only=
seconds=
wanted=
while (($#)); do
    case "$1" in
        --full) full=true ;;
        --only | --seconds | --renditions)
            (($# > 1)) || fail "$1 needs a value; --help tells which"
            case "$1" in
                --only) only=$2 ;;
                --seconds) seconds=$2 ;;
                --renditions) wanted=$2 ;;
            esac
            shift
            ;;
        --help | -h) usage && exit 0 ;;
        *) fail "unknown argument $1; --help tells what there is" ;;
    esac
    shift
done
[[ -z $only || $only == demo || $only == portrait ]] || fail "--only $only: there are demo and portrait"
[[ -z $seconds ]] || { [[ $seconds =~ ^[0-9]{1,5}$ ]] && ((seconds >= 4)); } ||
    fail "--seconds $seconds: a whole number from 4 on"

# name width height kbit/s; the ladder of a 16:9 video, and of a 9:16 one, named by its shorter side
demo_ladder=('360p 640 360 800' '480p 854 480 1400' '720p 1280 720 2800' '1080p 1920 1080 5000')
portrait_ladder=('360p 360 640 700' '720p 720 1280 2000')
if $full; then demo_ladder+=('1440p 2560 1440 9000' '2160p 3840 2160 16000'); fi

# The steps of `ladder` that --renditions leaves.
choose_renditions() {
    local step name kept=()
    for name in ${wanted//,/ }; do
        for step in "${ladder[@]}"; do [[ $step != "$name "* ]] || kept+=("$step"); done
    done
    [[ -z $wanted ]] || ladder=("${kept[@]}")
    ((${#ladder[@]})) || fail "--renditions $wanted: $video has none of these"
}

# Stops before the work when its result will not fit. Files already made are not counted twice.
check_space() {
    local step name kilobits total=0 free
    for step in "${ladder[@]}"; do
        read -r name _ _ kilobits <<<"$step"
        [[ -e $folder/$name.mp4 ]] || total=$((total + (kilobits + 128) * seconds / 8 * 11 / 10))
    done
    free=$(df --output=avail --block-size=1000 "$folder" | tail -n 1)
    ((free > total)) || fail "$video needs about $((total / 1000)) MB in $folder, and $((free / 1000)) MB are free"
}

make_audio() { # FILE LANGUAGE FREQUENCY
    encode "$1" "$video audio ($2)" "$seconds" -f lavfi -i "$(sound "$3" "$seconds")" \
        -c:a aac -b:a 128k -metadata:s:a:0 language="$2" -movflags +faststart -f mp4
}

make_rendition() { # NAME WIDTH HEIGHT KILOBITS
    local name=$1 width=$2 height=$3 kilobits=$4 profile=high
    if [[ $name == 360p ]]; then profile=main; fi
    encode "$folder/$name.mp4" "$video $name" "$seconds" \
        -filter_complex "$(picture "$width" "$height" "$fps" "$name" "$seconds")[video]" -i "$folder/.sound.m4a" \
        -map "[video]" -map 0:a -c:a copy -t "$seconds" \
        -c:v libx264 -preset "$preset" -profile:v $profile -bf 3 \
        -g $((fps * 2)) -keyint_min $((fps * 2)) -sc_threshold 0 -flags +cgop \
        -b:v "${kilobits}k" -maxrate $((kilobits * 107 / 100))k -bufsize $((kilobits * 3 / 2))k \
        -color_primaries bt709 -color_trc bt709 -colorspace bt709 \
        -video_track_timescale 90000 -movflags +faststart -f mp4
}

# Sprites of 5 x 5 tiles; each shows the middle of its interval, away from the flash.
make_thumbnails() { # RENDITION INTERVAL WIDTH HEIGHT
    local source=$folder/$1.mp4 interval=$2 count=$(((seconds + $2 - 1) / $2)) sprites
    [[ ! -e $folder/thumbnails ]] || return 0
    sprites=$folder/.thumbnails
    rm -rf "$sprites"
    mkdir "$sprites"
    ffmpeg -nostdin -hide_banner -loglevel error -y -i "$source" -an -vsync passthrough -start_number 0 -q:v 4 -vf \
        "select='eq(mod(n\\,$((fps * interval)))\\,$((fps * interval / 2 - fps / 4)))',scale=$3:$4,tile=5x5" \
        "$sprites/sprite-%d.jpg" || fail "ffmpeg could not make the thumbnails of $video; is the disk full?"
    printf '{"width": %d, "height": %d, "columns": 5, "rows": 5, "intervalSeconds": %d, "count": %d}\n' \
        "$3" "$4" "$interval" "$count" >"$sprites/thumbnails.json"
    mv "$sprites" "$folder/thumbnails"
}

make_poster() { # RENDITION
    [[ ! -e $folder/poster.jpg ]] || return 0
    encode "$folder/poster.jpg" "$video poster" 1 -ss 3.5 -i "$folder/$1.mp4" -frames:v 1 -q:v 3 \
        -vf 'scale=1280:1280:force_original_aspect_ratio=decrease:force_divisible_by=2' -f mjpeg -update 1
}

# make_video VIDEO LENGTH FPS PRESET TITLE DESCRIPTION TILES: `ladder`, `audio` and `captions` are set by the caller.
make_video() {
    local video=$1 seconds=${seconds:-$2} fps=$3 preset=$4 title=$5 description=$6 tiles=$7
    local final=$videos/$video folder=$videos/$video step language first
    choose_renditions
    local key="$seconds s, sample 1"
    if [[ -d $final ]]; then
        [[ -e $final/.made-with ]] || {
            printf '%s was not made by this script and is left as it is\n' "$final"
            return 0
        }
    else
        folder=$videos/.preparing-$video
    fi
    if [[ -e $folder/.made-with && $(<"$folder/.made-with") != "$key" ]]; then
        [[ $folder != "$final" ]] ||
            fail "$final was made with \"$(<"$folder/.made-with")\", not \"$key\". Remove it to make it anew"
        rm -rf "$folder"
    fi
    mkdir -p "$folder"
    printf '%s\n' "$key" >"$folder/.made-with"
    check_space

    local missing=false
    for step in "${ladder[@]}"; do [[ -e $folder/${step%% *}.mp4 ]] || missing=true; done
    if $missing; then make_audio "$folder/.sound.m4a" "${audio[0]%% *}" "${audio[0]##* }"; fi
    # The highest first: what is left to do then gets ever quicker.
    for ((step = ${#ladder[@]} - 1; step >= 0; --step)); do
        # shellcheck disable=SC2086 # four words
        make_rendition ${ladder[step]}
    done
    rm -f "$folder/.sound.m4a"
    for language in "${audio[@]:1}"; do
        # shellcheck disable=SC2086 # three words: ISO 639-2 for MP4, ISO 639-1 for the name, frequency
        set -- $language
        make_audio "$folder/audio-$2.m4a" "$1" "$3"
    done
    for language in "${captions[@]}"; do
        [[ -e $folder/subtitles-$language.vtt ]] || subtitles "$language" "$seconds" >"$folder/subtitles-$language.vtt"
    done
    first=${ladder[0]%% *}
    # shellcheck disable=SC2086 # three words
    make_thumbnails "$first" $tiles
    make_poster "${ladder[-1]%% *}"
    printf '{"title": "%s", "description": "%s"}\n' "$title" "$description" >"$folder/video.json"
    if [[ $folder != "$final" ]]; then mv "$folder" "$final"; fi
}

command -v ffmpeg >/dev/null || fail "ffmpeg is missing: deploy/install-dependencies.sh --content"
[[ -r $font ]] || fail "the font $font is missing: deploy/install-dependencies.sh --content"
mkdir -p "$videos" || fail "cannot make $videos; STORAGE_PATH names a folder that can be written"
exec 9>"$videos/.making"
flock --nonblock 9 || fail "another one is at work in $videos"
trap discard_partial EXIT
trap 'end_line; exit 130' INT TERM

if [[ -z $only || $only == demo ]]; then
    ladder=("${demo_ladder[@]}") audio=('eng en 1000' 'spa es 600') captions=(en es de fr)
    make_video demo 60 30 veryfast 'Test picture' \
        'A time code, the name of the rendition, and each second a flash with a beep. Two languages, four subtitles.' \
        '2 160 90'
fi
if [[ -z $only || $only == portrait ]]; then
    ladder=("${portrait_ladder[@]}") audio=('eng en 1000') captions=(en)
    make_video portrait 300 25 superfast 'Test picture, upright' \
        'The same for a phone held upright: 9:16, 25 frames a second, five minutes.' '5 90 160'
fi
