#!/bin/sh
# Profiles of a real program: each is read by its schema, by protoc or by
# ms_print; whatever the names, their sums are those of the report, and the same
# recording gives the same bytes.
. "$(dirname "$0")/../host_kit.sh"
formats=$host/../formats
python=python3
"$python" -c 'import jsonschema' 2>/dev/null || python=/usr/bin/python3
for tool in protoc ms_print; do
    command -v "$tool" >/dev/null || skip "no $tool"
done
cat >named.c <<'C'
#include <stdlib.h>
void *named_later(size_t n)
{
    return malloc(n);
}
C
"$CC" -c named.c -o o.o # its name is in the symbol table alone
nasty=$(printf 'a;b #c\n"\033[31m\\</script>]]>=1+1 42\377\302\233')
"$CXX" -g -O1 -fno-builtin -c "$host/profiles.cpp" -o profiles.o
ld -r profiles.o o.o -o all.o
objcopy --redefine-sym "named_later=$nasty" all.o
"$CXX" all.o -o profiles -lpthread

# export_all DIR [OPTION...]
export_all() {
    to=$1
    shift
    mkdir -p "$to"
    for value in inuse_space inuse_objects alloc_space alloc_objects; do
        "$OURO" export --format=folded --value=$value -o "$to/$value.folded" "$@" rec.ouro
    done
    "$OURO" export --format=speedscope "$@" rec.ouro >"$to/speedscope.json"
    "$OURO" export --format=pprof -o "$to/pprof.gz" "$@" rec.ouro
    gunzip <"$to/pprof.gz" >"$to/pprof" # gunzip checks what it reads
    protoc --proto_path="$formats" --decode=perftools.profiles.Profile profile.proto \
        <"$to/pprof" >"$to/pprof.txt" 2>"$to/protoc.err"
    expect "protoc says" "$(cat "$to/protoc.err")" ""
}

read_all() {
    "$python" "$formats/read_profiles.py" "$formats/speedscope.json" report.json "$@" ||
        fail "$*"
}

same ./profiles
intact
"$OURO" export --format=massif -o massif.out rec.ouro
ms_print massif.out >printed.txt 2>printed.err || fail "ms_print: $(cat printed.err)"
expect "ms_print says" "$(cat printed.err)" ""
export_all one
mv massif.out one
expect "one process" "$(read_all one)" "1 whole"
grep -q 'Command:  *./profiles' printed.txt || fail "the command"
grep -q '(peak)' printed.txt || fail "no peak"
grep -q 'B) 0x[0-9A-F]*: main (.*profiles.cpp:[0-9]*)' printed.txt || fail "no main in the tree"
expect "depths of the recursion" "$(grep -c 'main;deeper.*;inlined 8$' one/inuse_space.folded)" 41
grep -Fq 'a:b #c\x0a"\x1b[31m\</script>]]>=1+1 42' one/inuse_space.folded || fail "the nasty name"
[ "$(awk '{ if (length > n) n = length } END { print n }' one/inuse_space.folded)" -gt 10000 ] ||
    fail "the long name"
export_all two
cp one/massif.out two
"$OURO" export --format=massif rec.ouro >two/massif.out
diff -r one two || fail "another time, other bytes"

guarded ./profiles child >out
ask . >processes.json
export_all three
expect "two processes" "$(read_all three)" "2 whole"
pid=$(jq -r '.processes[] | select(.parent != null).pid' report.json)
grep -Eq "^profiles \($pid\);.*main 55\$" three/inuse_space.folded || fail "whose are the 55 bytes?"
grep -q "num: $pid" three/pprof.txt || fail "no label with the pid"
status=0
"$OURO" export --format=massif rec.ouro >out 2>&1 || status=$?
expect "massif of two processes" "$status" 2
"$OURO" export --format=massif --pid="$pid" -o massif.out rec.ouro
export_all four --pid="$pid"
mv massif.out four
expect "the child alone" "$(read_all four "$pid")" "1 whole"
