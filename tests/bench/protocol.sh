#!/bin/sh
# protocol.sh - sourced: what an event of each kind takes, in rows named
# event:KIND. Keys: ns.off (-DOURO_OFF: the call of an empty function), ns.header
# (without the guest), ns.alloc (stacks of allocations only), ns.all.
: "${build:?}" "${runs:?}"

time_events() {
    key=$1
    shift
    "$@" >spoken
    while IFS="$(printf '\t')" read -r kind ns; do
        note "event:$kind" "ns.$key" "$ns"
    done <spoken
}

recorded() {
    rm -rf r.ouro
    "$build/ouro" record -o r.ouro "$@"
}

protocol() {
    wanted "event" || return 0
    n=1000000
    for _ in $(seq "$runs"); do
        time_events off ./events-off $n 20
        time_events header ./events $n 20
        time_events alloc recorded --stacks=alloc -- ./events $n 20
        time_events all recorded -- ./events $n 20
    done
}
