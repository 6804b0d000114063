#!/bin/sh
# told_words.sh - of memory of all kinds a snapshot tells each word that is an
# address or small, no other, and as it was
. "$(dirname "$0")/../host_kit.sh"

guest=$host/../../preload
build told_words -I"$guest" -I"$host/../../include" "$guest/words.c" \
    "$guest/piece.c" "$guest/ranges.c"
./told_words 1 300 || fail told_words
