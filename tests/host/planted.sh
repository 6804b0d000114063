#!/bin/sh
# Planted files in the recording directory are not written through, and traces
# are nobody else's to read.
. "$(dirname "$0")/../host_kit.sh"
build leaks
guest=$(dirname "$OURO")/libouro.so
mkdir rec.ouro
echo precious >precious
# the next process ids: a symbolic link, a hard link and a FIFO in turn
next=$(sh -c 'echo $$')
for i in $(seq 1 60); do
    case $((i % 3)) in
    0) ln -s ../precious "rec.ouro/$((next + i)).0.trace" ;;
    1) ln precious "rec.ouro/$((next + i)).0.trace" ;;
    2) mkfifo "rec.ouro/$((next + i)).0.trace" ;;
    esac
done
for i in $(seq 1 10); do
    OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest ./leaks >out || fail "status $?"
    expect "output" "$(cat out)" "lost 100"
done
expect "the planted file" "$(cat precious)" precious
for f in rec.ouro/*.trace; do
    [ -L "$f" ] || [ -p "$f" ] || [ "$(stat -c %i "$f")" = "$(stat -c %i precious)" ] ||
        expect "mode of $f" "$(stat -c %a "$f")" 600
done
