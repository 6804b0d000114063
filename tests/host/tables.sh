#!/bin/sh
# The tables of `ouro export --format=csv` are CSV to Python and to sqlite3,
# whatever the names, and say what the JSON report says.
. "$(dirname "$0")/../host_kit.sh"
nasty=$(printf '=p \033[31m"\\<b>;,%%0A\r\nq\377')
"$CC" -O1 -fno-builtin -I"$host/../../include" -c "$host/nasty_names.c" -o o.o
objcopy --redefine-sym "named_later=$(printf '=1+1\033[2J\r\n,;"x"\377\302\233')" o.o
"$CC" o.o -o "$nasty"
printf '#include <stdlib.h>\nvoid *lose_there(size_t n){void *p=malloc(n);__asm__ volatile(""::"r"(p));return p;}\n' >l.c
"$CC" -g -O1 -fPIC -shared -fno-builtin l.c -o "lib$nasty.so"

# all DIR
all() {
    mkdir "$1"
    for table in findings sites types survivors generations runs; do
        "$OURO" export --format=csv --table=$table -o "$1/$table.csv" rec.ouro
    done
}

# twice: what two runs of `all` give, and what is in it
twice() {
    ask . >all.json
    rm -rf one two
    all one
    all two
    diff -r one two || fail "another time, other bytes"
    rows=$(python3 "$host/../formats/read_tables.py" report.json one) || fail "$rows"
    echo "$rows"
}

guarded "./$nasty" "./lib$nasty.so" "-x=1" >out
twice >rows
grep -Eq 'findings:[1-9].*sites:[1-9].*types:[1-9].*survivors:[1-9].*generations:3 runs:1$' rows ||
    fail "rows: $(cat rows)"
grep -q '"'\''=1+1\\x1b\[2J\\x0d\\x0a,;""x""' one/sites.csv || fail "the nasty function"
# shellcheck disable=SC2016  # the shell that is recorded expands it
guarded sh -c '"$0" one; "$0" two; :' "$BUILD/samples/pair" >out
twice >rows
grep -Eq 'generations:9 runs:3$' rows || fail "rows: $(cat rows)"

# A database reads them.
sqlite3 -csv found.db '.import one/findings.csv findings' '.import one/runs.csv runs' \
    'select count(*), sum(f.objects) from findings f join runs r using (pid, serial)
        where f.kind = "cycle"' >out
expect "cycles in the database" "$(cat out)" "2,4"
