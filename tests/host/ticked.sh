#!/bin/sh
# A thread that is alone does not read the clock for each event; what came after
# a second of nothing is told to be later by that, whether the recorder ticks, or
# nobody does. With a second thread the clock is read each time.
. "$(dirname "$0")/../host_kit.sh"
build ticked

# stamp SIZE: of the allocation of so many bytes; last_stamp: of the last free
stamp() {
    "$OURO" dump rec.ouro | awk -v size="size=$1" '$4 == "malloc" && $6 == size { print $2 }'
}
last_stamp() {
    "$OURO" dump rec.ouro | awk '$4 == "FREE" { last = $2 } END { print last }'
}
# per_second: stamps
per_second() {
    "$OURO" dump rec.ouro | awk '/ header start_stamp=/ { for (i = 3; i <= NF; i++) { split($i, v, "="); n[v[1]] = v[2] } }
        END { printf "%.0f\n", (n["last_stamp"] - n["start_stamp"]) / (n["last_ns"] - n["start_ns"]) * 1e9 }'
}
# unread: events that are one stamp after the one before
unread() {
    "$OURO" dump rec.ouro | awk '$4 == "FREE" || $4 == "malloc" { n += $2 == last + 1; last = $2 } END { print n + 0 }'
}
# is_later WHAT STAMP
is_later() {
    gap=$(($2 - $(stamp 1001)))
    [ "$gap" -gt $(($(per_second) / 2)) ] || fail "$1: $gap stamps between, at $(per_second) a second"
}

guarded ./ticked
! "$OURO" dump rec.ouro | grep -q ' header .* clock=counter ' || skip "no clock is known here"
is_later "recorded" "$(stamp 1002)"
# A clock that is slower than events can be is read for each of them.
is_fast=$("$OURO" dump rec.ouro | grep -c ' header .* clock=tsc ' || :)
[ "$(per_second)" -lt 990000000 ] || is_fast=1
[ "$is_fast" -eq 0 ] || [ "$(unread)" -gt 40 ] || fail "the clock was read for each event: $(unread) were not"
[ ! -e rec.ouro/tick ] || fail "the recorder's file was left"

guarded ./ticked thread
is_later "with a second thread" "$(stamp 1002)"
[ "$(unread)" -eq 0 ] || fail "with a second thread the clock was not read $(unread) times"

rm -rf rec.ouro
OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$BUILD/libouro.so ./ticked
is_later "without a recorder" "$(stamp 1002)"

# A recorder that was stopped: the clock is looked at after some events, and from
# then on for each.
rm -rf rec.ouro
mkdir rec.ouro
printf '\1\0\0\0' >rec.ouro/tick
truncate -s 4096 rec.ouro/tick
OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$BUILD/libouro.so ./ticked
is_later "with a recorder that was stopped" "$(last_stamp)"
