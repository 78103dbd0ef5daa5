#!/bin/sh
# Makes the chimes of assets/sound/chime: bells of five decaying partials, 24 kHz mono Vorbis.
# Needs sox and oggenc (Debian: sox, vorbis-tools); uses no recorded sample. Run: sh chimes.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../assets/sound/chime}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$work"

calc() { awk "BEGIN { printf \"%.3f\", $1 }"; }

# partial FILE FREQUENCY SECONDS VOLUME TOTAL: one sine, fading from the start, padded to TOTAL seconds
partial() {
    sox -R -n -r 24000 -c 1 -b 24 "$1" synth "$3" sine "$2" vol "$4" \
        fade l 0.002 "$3" "$(calc "$3 - 0.003")" pad 0 "$(calc "$5 - $3")"
}

# bell NAME FREQUENCY SECONDS: a struck bell; the higher a partial, the weaker and shorter it is
bell() {
    n=0
    while read -r ratio volume life; do
        n=$((n + 1))
        partial "partial.$n.wav" "$(calc "$2 * $ratio")" "$(calc "$3 * $life")" "$volume" "$3"
    done <<PARTIALS
1.00 1.00 1.00
2.00 0.45 0.75
2.76 0.28 0.45
4.07 0.16 0.30
5.40 0.10 0.20
PARTIALS
    sox -R -m partial.?.wav "$1.wav" gain -n -3
}

# chime NAME BELL@SECONDS...: the bells, each struck at its time, as one file
chime() {
    name=$1
    shift
    for strike in "$@"; do
        sox -R "${strike%@*}.wav" "strike.$strike.wav" pad "${strike#*@}"
    done
    sox -R -m strike.*.wav -b 16 "$name.wav" gain -n -4 fade t 0 -0 0.03
    rm strike.*.wav
    oggenc -Q -q 3 --serial 1 -o "$out/$name.ogg" "$name.wav"
}

bell C6 1046.50 1.2
bell E6 1318.51 1.4
bell G5 783.99 1.2
bell C7 2093.00 0.5
bell short-C6 1046.50 0.6
bell short-E6 1318.51 0.5
bell short-G6 1567.98 0.5

chime order C6@0 E6@0.28
chime reminder short-E6@0 short-C6@0.14 short-E6@0.42 short-C6@0.56
chime money short-E6@0 C7@0.09
chime fault G5@0 G5@0.32
chime urgent short-E6@0 short-G6@0.09 short-E6@0.3 short-G6@0.39 short-E6@0.6 short-G6@0.69
chime test C6@0 G5@0.4
