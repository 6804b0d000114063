#!/bin/sh
# collector.sh - sourced: the collector on GRAPH, objects and edges, within 1 GiB
# for each 10 M objects, against CPython's gc.collect() on the same graph; both
# must find the same number of objects
: "${build:?}" "${here:?}"

collector() {
    wanted "collector" || return 0
    graph=${GRAPH-10000000 30000000}
    limit=$(((${graph% *} + 9999999) / 10000000))
    # shellcheck disable=SC2086  # two numbers
    prlimit --as=$((limit << 30)) "$build/collector" $graph >passes
    # shellcheck disable=SC2086
    "$build/collector" --dump=rows $graph
    /usr/bin/python3 "$here/collector.py" rows >peer
    rm -f rows
    cat passes peer | awk -v graph="$graph" '
        $1 == "together" { s = $2 }
        $1 == "certificate" { c = $2; mib = $(NF - 1) }
        $2 == "unreachable," { found = $1 }
        END {
            if (found != $3) {
                print "bench: gc.collect() found " $3 " objects, the collector " found | "cat >&2"
                exit 1
            }
            split(graph, size)
            print "objects", size[1]
            print "edges", size[2]
            print "seconds", s
            print "certificate", c
            print "mib", mib
            print "cpython.finds", $1
            print "cpython.frees", $2
        }' >spoken
    while read -r key value; do
        note collector "$key" "$value"
    done <spoken
}
