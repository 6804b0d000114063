#!/bin/sh
# growth.sh - sourced: what an event takes, against one thing that grows. The
# programs time themselves, so neither start nor exit counts. Rows are named
# growth:SERIES:X.
: "${build:?}" "${runs:?}"

# point SERIES X TOOLS COMMAND...
point() {
    series=$1
    x=$2
    tools=$3
    shift 3
    wanted "growth:$series:$x" || return 0
    for _ in $(seq $((runs < 3 ? runs : 3))); do
        for t in $tools; do
            once "growth:$series:$x" "$t" "$@" || continue
            note "growth:$series:$x" "ns.$t" "$(grep -E '^[0-9.]+$' said)"
        done
    done
}

grow_blocks() {
    for x in 1000 10000 100000 1000000; do
        point blocks $x "native ouro heaptrack" ./live $x 4000000 20
    done
    point blocks 10000000 "native ouro" ./live 10000000 4000000 20
}

grow_stacks() {
    for x in 100 1000 10000 100000 1000000; do
        point stacks $x "native ouro heaptrack" ./stacks $x 4000000
    done
}

grow_threads() {
    for x in 1 2 4 8 16 32 64; do
        point threads $x "native ouro heaptrack" ./depth 6400000 20 $x
    done
}

grow_depth() {
    for x in 5 10 20 50 100 200 500; do
        point depth $x "native ouro heaptrack" ./depth 4000000 $x
    done
}

# The longest makes a trace of several gigabytes: once, and where there is room.
grow_length() {
    for x in 1000000 10000000 100000000; do
        tools="native ouro heaptrack"
        [ $x -lt 100000000 ] || tools="native ouro"
        point length $x "$tools" ./depth $x 20
    done
    x=1000000000
    [ "${OURO_BENCH_LONG-1}" = 1 ] || return 0
    free=$(df -Pk . | awk 'NR == 2 { print $4 }')
    if [ "$free" -lt 24000000 ]; then
        echo "bench: $free KiB are free, not enough for $x events" >&2
        return 0
    fi
    all=$runs
    runs=1
    point length $x "native ouro" ./depth $x 20
    if [ -d r.ouro ] && wanted "growth:length:$x, analysed"; then
        once "growth:length:$x" report "$build/ouro" report r.ouro
    fi
    runs=$all
    rm -rf r.ouro
}

growth() {
    grow_blocks
    grow_stacks
    grow_threads
    grow_depth
    grow_length
}
