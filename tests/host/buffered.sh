#!/bin/sh
# Where nothing can be mapped, what a kill takes is a buffer a thread at most,
# and everything else is as with mappings.
. "$(dirname "$0")/../host_kit.sh"
build endings
build order
build forks
build leaks
guest=$BUILD/libouro.so
export OURO_IO=buffered

for how in return _exit quick_exit abort term; do
    rm -f progress
    same ./endings $how
    # an end that we see costs nothing
    case $how in
    return | _exit | quick_exit)
        expect "$how" "$(ask '[.processes[0].findings[] | select(any(.stack[]; .function == "step")) | .blocks] | add')" 1000
        ;;
    esac
done
same ./order
intact
same ./forks
intact
expect "leaks of children" "$(ask '[.processes[].findings[] | select(.stack[0].function == "child_leak") | .blocks] | add')" 21

# killed at random instants: at most one buffer of 256 KiB is gone, and no event
# takes less than 4 bytes
for i in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf progress rec.ouro
    OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest ./endings wait &
    pid=$!
    while [ ! -s progress ]; do
        kill -0 "$pid" || fail "died early"
    done
    sleep "0.0$((i % 5))$((i * 7 % 10))"
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || :
    steps=$(od -An -t u8 -N 8 progress | tr -d ' ')
    "$OURO" report --format=json rec.ouro >report.json || fail "kill $i: report: status $?"
    blocks=$(jq '.processes[0].summary.live_blocks' report.json)
    [ $((steps - blocks)) -le 65536 ] || fail "kill $i: $blocks blocks of $steps"
    expect "kill $i: order" "$(jq '.processes[0].summary.order_conflicts' report.json)" 0
    expect "kill $i: verdict" "$(jq -r '.processes[0].complete' report.json)" false
done
rm -f progress
same ./endings kill
"$OURO" report rec.ouro >report.txt
grep -q 'buffers' report.txt || fail "the report does not say that events are missing: $(cat report.txt)"
