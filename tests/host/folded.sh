#!/bin/sh
# A trace that is folded while its threads write it says the same as one that is
# not; and whoever is killed at whatever instant, what it says stays true: 800
# blocks are held, and a few more by each thread.
. "$(dirname "$0")/../host_kit.sh"
build folded
facts='.processes[0] | [.complete, .summary.allocations - .summary.frees -
    .summary.live_blocks, .summary.order_conflicts, .summary.unknown_frees,
    .summary.lost_events, (.summary.live_blocks | if . >= 800 and . <= 820 then "held" else . end)]
    | map(tostring) | join(" ")'

# the same program, whole and folded
for threads in 1 4; do
    small=$((threads + 1))M # more of them have more chunks open at a time
    for limit in 1G $small; do
        "$OURO" record -o "$limit.ouro" --max-size="$limit" ./folded "$threads" 300000
        ask '.processes[] | select(.summary.allocations > 1000) | [.complete, .ended, .summary.order_conflicts,
            .summary.unknown_frees, .summary.live_blocks, .verdict,
            (.summary | .allocations - .frees)] | @csv' "$limit.ouro" >"$limit.facts"
    done
    cmp 1G.facts "$small.facts" || fail "$threads threads: $(cat 1G.facts "$small.facts")"
    "$OURO" dump "$small.ouro" | grep -q ' FOLDED events=' || fail "$threads threads: nothing was folded"
    rm -rf 1G.ouro "$small.ouro"
done

# begin: records in the background; sets ouro, trace and program
begin() {
    rm -rf rec.ouro
    "$OURO" record -o rec.ouro --max-size=2M ./folded 4 20000000 &
    ouro=$!
    until trace=$(ls rec.ouro/*.trace 2>/dev/null); do sleep 0.01; done
    program=$(basename "$trace" .0.trace)
}

# folder: the helper's pid
folder() {
    tr ' ' '\n' </proc/"$ouro"/task/"$ouro"/children | while read -r pid; do
        [ "$(cat /proc/"$pid"/comm)" != ouro-fold ] || echo "$pid"
    done
}

# grown BYTES: waits until the file is that long
grown() {
    until [ ! -e /proc/"$program" ] || [ "$(stat -c %s "$trace")" -ge "$1" ]; do sleep 0.001; done
}

# The helper is killed: the trace goes on to its limit, and is what it was.
for bytes in 3000000 3400000 3900000 4300000 5100000 6000000; do
    begin
    grown $bytes
    kill -9 "$(folder)"
    until [ ! -e /proc/"$program" ] || [ "$(od -An -tu4 -j 168 -N 4 "$trace" | tr -d ' ')" -ne 0 ]; do sleep 0.05; done
    kill -9 "$program"
    wait "$ouro" || :
    expect "helper killed at $bytes" "$(ask "$facts")" 'false 0 0 0 0 held'
    "$OURO" verify rec.ouro >/dev/null || fail "helper killed at $bytes: verify"
done

# The program is killed.
for bytes in 2500000 3700000 5000000 8000000; do
    begin
    grown $bytes
    kill -9 "$program"
    wait "$ouro" || :
    expect "program killed at $bytes" "$(ask "$facts")" 'false 0 0 0 0 held'
done

# The recorder is killed: its helper goes, the program stays.
begin
grown 4000000
helper=$(folder)
kill -9 "$ouro"
wait "$ouro" || :
while kill -0 "$helper" 2>/dev/null; do sleep 0.01; done
until [ ! -e /proc/"$program" ] || [ "$(od -An -tu4 -j 168 -N 4 "$trace" | tr -d ' ')" -ne 0 ]; do sleep 0.05; done
kill -9 "$program"
expect "recorder killed" "$(ask "$facts")" 'false 0 0 0 0 held'
