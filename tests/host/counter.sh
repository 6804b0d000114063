#!/bin/sh
# A second counter behind the guest, in the same run, agrees exactly with what
# was recorded up to its last word (the destructor), and programs behave as
# without a guest.
. "$(dirname "$0")/../host_kit.sh"
"$CC" -O1 -fPIC -shared -fno-builtin "$host/counter.c" -o libcounter.so

# agree CMD...: the counter writes its count at exit; a mark in the recording
# says where that was: its own open(2) is no event, so the totals may differ
# only by what happens behind the destructor
agree() {
    rm -f count
    rm -rf rec.ouro
    COUNTER=$PWD/count LD_PRELOAD=$PWD/libcounter.so \
        "$OURO" record --no-children -o rec.ouro -- "$@" </dev/null >/dev/null 2>&1 || fail "$*: status $?"
    read -r allocations frees <count
    "$OURO" report --format=json rec.ouro >report.json || fail "report"
    jq -r '.processes[0].summary | "\(.allocations) \(.frees) \(.own_allocations) \(.own_frees)"' report.json >ours
    read -r a f own_a own_f <ours
    # events behind the counter's destructor: frees only, and few
    [ "$((a + own_a))" -eq "$allocations" ] ||
        fail "$*: $a + $own_a own allocations recorded, the counter saw $allocations"
    late=$((f + own_f - frees))
    [ "$late" -ge 0 ] && [ "$late" -le 200 ] || fail "$*: $f + $own_f own frees, the counter saw $frees"
    [ -n "${EXACT-}" ] && [ "$late" -ne 0 ] && fail "$*: $late frees too many"
    return 0
}

build entries
build order
EXACT=1 agree ./entries
EXACT=1 agree ./order
EXACT=1 agree perl -e 'my %h; $h{$_} = "x" x ($_ % 50) for 1 .. 50000; print scalar keys %h'
PYTHONMALLOC=malloc agree python3 -c 'print(sum(len(str(i)) for i in range(100000)))'
agree sqlite3 :memory: 'create table t(a,b); with recursive c(x) as (select 1 union all select x+1 from c where x<20000) insert into t select x, hex(x) from c; select count(*) from t;'
