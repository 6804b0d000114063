#!/bin/sh
# A second counter behind the guest, in the same run, agrees exactly with what
# was recorded up to its last word (the destructor), and programs behave as
# without a guest.
. "$(dirname "$0")/../host_kit.sh"
"$CC" -O1 -fPIC -shared -fno-builtin "$host/counter.c" -o libcounter.so

guest=$(dirname "$OURO")/libouro.so

# agree CMD...: the counter writes its count in its destructor; the totals may
# differ only by what is freed behind it, LATE at most
agree() {
    rm -f count
    rm -rf rec.ouro
    OURO_DIR=$PWD/rec.ouro OURO_CHILDREN=0 COUNTER=$PWD/count \
        LD_PRELOAD="$guest $PWD/libcounter.so" "$@" </dev/null >/dev/null 2>&1 || fail "$*: status $?"
    read -r allocations frees <count
    "$OURO" report --format=json rec.ouro >report.json || fail "report"
    # what the loader asks for to load libunwind goes by, and is counted apart
    a=$(jq '.processes[0].summary | .allocations + .own_allocations' report.json)
    f=$(jq '.processes[0].summary | .frees + .own_frees' report.json)
    expect "$*: allocations" "$a" "$allocations"
    # behind the counter's destructor only frees come, and few
    late=$((f - frees))
    if [ "$late" -lt 0 ] || [ "$late" -gt "${LATE-0}" ]; then
        fail "$*: $f frees, the counter saw $frees"
    fi
    return 0
}

build entries
build order
agree ./entries
agree ./order
# shellcheck disable=SC2016  # Perl's own variables
agree perl -e 'my %h; $h{$_} = "x" x ($_ % 50) for 1 .. 50000; print scalar keys %h'
LATE=200 PYTHONMALLOC=malloc agree /usr/bin/python3 -c 'print(sum(len(str(i)) for i in range(100000)))'
LATE=200 agree sqlite3 :memory: 'create table t(a,b); with recursive c(x) as (select 1 union all select x+1 from c where x<20000) insert into t select x, hex(x) from c; select count(*) from t;'
