#!/bin/sh
# run.sh BUILD - what it costs, as ratios in one run on one machine. Recording:
# native, ours, heaptrack raw; medians of RUNS (5). The collector: GRAPH, objects
# and edges, against CPython's
set -eu
build=$1
case $build in /*) ;; *) build=$PWD/$build ;; esac
here=$(cd "$(dirname "$0")" && pwd)
runs=${RUNS-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cc -O2 -fomit-frame-pointer "$here/depth.c" -o depth

ours() {
    rm -rf r.ouro
    "$build/ouro" record -o r.ouro -- "$@"
}

heaptrack_raw() {
    rm -f h.*
    heaptrack -r -o "$work/h" "$@"
}

# seconds CMD...: its wall time
seconds() {
    start=$(date +%s%N)
    "$@" >said 2>&1 || {
        echo "bench: $* failed: $(tail -n 3 said)" >&2
        exit 1
    }
    echo $((($(date +%s%N) - start) / 1000)) | awk '{printf "%.3f\n", $1 / 1e6}'
}

median() {
    sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'
}

# row NAME CMD...: wall times, in turn, so that noise falls on all alike
row() {
    name=$1
    shift
    : >native && : >guest && : >peer
    for _ in $(seq "$runs"); do
        seconds "$@" >>native
        seconds ours "$@" >>guest
        ! command -v heaptrack >/dev/null || seconds heaptrack_raw "$@" >>peer
    done
    n=$(median <native)
    g=$(median <guest)
    p=$(median <peer)
    events=$("$build/ouro" report --format=json r.ouro | jq '[.processes[].summary | .allocations + .frees] | add')
    bytes=$(cat r.ouro/*.trace | wc -c)
    echo "$name $n $g ${p:-0} $events $bytes" | awk '{
        printf "%-14s native %6.2f s   ouro %5.2fx   heaptrack %5.2fx   %5.1f M events, %4.1f bytes each, +%.0f ns each\n",
            $1, $2, $3 / $2, $4 / $2, $5 / 1e6, $6 / $5, ($3 - $2) * 1e9 / $5 }'
}

# graph OBJECTS EDGES: the collector within 1 GiB for each 10 M objects, and
# gc.collect() on the same graph; both must find the same number of objects
graph() {
    limit=$((($1 + 9999999) / 10000000))
    prlimit --as=$((limit << 30)) "$build/collector" "$@" >passes
    "$build/collector" --dump=rows "$@"
    /usr/bin/python3 "$here/collector.py" rows >peer
    cat passes peer | awk -v objects="$1" -v edges="$2" '
        $1 == "together" { s = $2 }
        $1 == "certificate" { c = $2; mib = $(NF - 1) }
        $2 == "unreachable," { found = $1 }
        END {
            printf "%-14s collector %.2f s and certificate %.2f s, %d MiB   gc.collect() finds %5.2fx, finds and frees %5.2fx   %.1f M objects, %.1f M edges, %.0f ns each\n",
                "graph", s, c, mib, $1 / s, $2 / s, objects / 1e6, edges / 1e6, s * 1e9 / edges
            if (found != $3) {
                print "bench: gc.collect() found " $3 " objects, the collector " found | "cat >&2"
                exit 1
            }
        }'
}

row depth-20 ./depth 10000000 20
row depth-120 ./depth 4000000 120
export PYTHONMALLOC=malloc # heaptrack does not follow an env before it
row python3 /usr/bin/python3 -c 'for k in range(6): d = {str(i): [i, str(i * 3)] for i in range(200000)}'
# shellcheck disable=SC2016  # Perl's own variables
row perl perl -e 'for my $k (1 .. 6) { my %h; $h{$_} = [$_, "x" x ($_ % 30)] for 1 .. 100000 }'
row sqlite3 sqlite3 :memory: 'create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c where x < 300000) insert into t select x, hex(x) from c; create index i on t(b); select count(distinct b) from t'
# shellcheck disable=SC2086  # two numbers
graph ${GRAPH-10000000 30000000}
