#!/bin/sh
# freed.sh - of a heap that was freed for the most part, in whatever order, a
# snapshot leaves out nearly all, and nothing of the blocks that are left
. "$(dirname "$0")/../host_kit.sh"
command -v python3 >/dev/null || skip "no python3"

lacking='[l for l in open("said") if s.word(int(l.split()[0])) != int(l.split()[1])][:3]'

# check_freed MOST ORDER SEED [thread]: at most so many words are read
check_freed() {
    most=$1
    shift
    rm -rf rec.ouro
    OURO_DIR=rec.ouro LD_PRELOAD="$BUILD/libouro.so" ./freed "$@" >said ||
        fail "$*: ends with $?"
    set -- "$*" "$(python3 "$host/snapshots.py" rec.ouro/*.trace "$lacking, s.end['read']")"
    expect "$1: words that are lacking" "${2%,*}" "([]"
    read=${2##*, }
    [ "${read%)}" -le "$most" ] || fail "$1: ${read%)} words were read"
}

build freed
for seed in 1 2 3; do
    check_freed 99000000 none $seed
    check_freed 500000 up $seed
    check_freed 500000 down $seed
    check_freed 99000000 random $seed
    check_freed 900000 bursts $seed
    check_freed 300000 small $seed
    check_freed 900000 heads $seed
done
# Whatever stands in free memory, or no longer: the program ends as it would.
for seed in 1 2 3 4; do
    for how in closed guarded emptied damaged; do
        check_freed 99000000 $how $seed
        check_freed 99000000 $how $seed thread
    done
done
check_freed 500000 up 4 thread
check_freed 300000 small 5 thread
