# shellcheck shell=bash
# What the sample videos show and sound like. Sourced by make-sample-content.sh.

font=/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf

# picture WIDTH HEIGHT FPS NAME SECONDS: an ffmpeg filter graph without inputs.
#
# The name of the rendition, a time code, and a box that is white for the first tenth of each second; a marker crosses
# the middle of its ruler at that very frame. Everything is drawn at the rendition's own size, so that a change of
# quality shows, and in the same place, so that nothing jumps. A little grain keeps the encoder at its bitrate.
picture() {
    local width=$1 height=$2 fps=$3 name=$4 seconds=$5
    local short=$((width < height ? width : height))
    local left=$((width / 10)) span=$((width * 8 / 10)) top=$((height / 8)) ruler=$((height * 3 / 4))
    local line=$((short / 180 + 1)) box=$((short / 5)) index
    local text="drawtext=fontfile=$font:fontcolor=white:borderw=$((short / 240 + 1)):bordercolor=black@0.6"

    printf 'gradients=s=320x180:r=%s:d=%s:speed=0.015:n=6:seed=7' "$fps" "$seconds"
    printf ':c0=0x0b1d51:c1=0x14506b:c2=0x1f6f8b:c3=0x6a2c70:c4=0x8b2f5a:c5=0x34285c'
    printf ',scale=%s:%s:flags=bicubic,format=yuv420p,setsar=1,noise=c0s=6:c0f=t' "$width" "$height"

    local colors=(0x2b59c3 0x2a9d8f 0x8ab17d 0xe9c46a 0xf4a261 0xe76f51 0xb56576 0x6d597a)
    local bar=$(((width + 7) / 8)) edge=$((height / 24))
    for index in {0..7}; do
        printf ',drawbox=x=%s:y=0:w=%s:h=%s:color=%s:t=fill' $((index * bar)) "$bar" "$edge" "${colors[index]}"
        printf ',drawbox=x=%s:y=%s:w=%s:h=%s:color=%s:t=fill' \
            $((index * bar)) $((height - edge)) "$bar" "$edge" "${colors[7 - index]}"
    done

    printf ',drawbox=x=%s:y=%s:w=%s:h=%s:color=white@0.6:t=fill' "$left" "$ruler" "$span" "$line"
    for index in {0..10}; do
        printf ',drawbox=x=%s:y=%s:w=%s:h=%s:color=white@0.6:t=fill' \
            $((left + span * index / 10)) $((ruler - short / 40)) "$line" $((short / 20))
    done
    printf ',drawbox=x=%s:y=%s:w=%s:h=%s:color=white@0.5:t=%s' \
        $((width - left - box)) "$top" "$box" "$box" "$line"
    printf ",drawbox=x=%s:y=%s:w=%s:h=%s:color=white:t=fill:enable='lt(mod(n\\,%s)\\,%s/10)'" \
        $((width - left - box)) "$top" "$box" "$box" "$fps" "$fps"

    printf ',%s:fontsize=%s:x=%s:y=%s:text=%s' "$text" $((short / 5)) "$left" "$top" "$name"
    printf ",%s:fontsize=%s:x=%s:y=%s:text='%sx%s  %s fps'" \
        "$text" $((short / 24)) "$left" $((top + short * 23 / 100)) "$width" "$height" "$fps"
    printf ",%s:fontsize=%s:x=(w-tw)/2:y=h*0.5-th/2:text='%%{pts\\:hms}'" \
        "$text" $((width / 12 < short / 6 ? width / 12 : short / 6))
    printf ",%s:fontsize=%s:x=(w-tw)/2:y=h*0.6:text='frame %%{frame_num}'" "$text" $((short / 18))
    printf '[picture];color=c=white:s=%sx%s:r=%s,format=yuv420p[marker]' \
        $((short / 90 * 2 + 2)) $((short / 10)) "$fps"
    printf ";[picture][marker]overlay=x='%s+%s*mod(t+0.5\\,1)-w/2':y=%s:shortest=1" \
        "$left" "$span" $((ruler - short / 20))
}

# sound FREQUENCY SECONDS: an ffmpeg source with a beep in the first tenth of each second, as the picture's box is white.
sound() {
    local beep="0.4*sin(2*PI*$1*t)*min(1\\,min(mod(t\\,1)*200\\,(0.1-mod(t\\,1))*200))*lt(mod(t\\,1)\\,0.1)"
    printf "aevalsrc='%s|%s':s=48000:d=%s:c=stereo" "$beep" "$beep" "$2"
}

# subtitles LANGUAGE SECONDS: a WebVTT file with a cue each two seconds.
subtitles() {
    local language=$1 seconds=$2 at end
    local -A first=([en]='The film begins' [es]='Comienza la película' [de]='Der Film beginnt' [fr]='Le film commence')
    local -A later=([en]='%s seconds have passed' [es]='Han pasado %s segundos' [de]='%s Sekunden sind vergangen'
        [fr]='%s secondes se sont écoulées')
    printf 'WEBVTT\n'
    for ((at = 0; at < seconds; at += 2)); do
        end=$((at + 2 < seconds ? at + 2 : seconds))
        printf '\n%02d:%02d:%02d.000 --> %02d:%02d:%02d.000\n' \
            $((at / 3600)) $((at / 60 % 60)) $((at % 60)) $((end / 3600)) $((end / 60 % 60)) $((end % 60))
        # shellcheck disable=SC2059 # the format is one of the above
        if ((at == 0)); then printf '%s\n' "${first[$language]}"; else printf "${later[$language]}\n" "$at"; fi
    done
}
