#!/bin/sh
# Threads that run while the process ends cut nothing and break no order.
. "$(dirname "$0")/../host_kit.sh"
build running
for _ in 1 2 3 4 5 6 7 8 9 10; do
    same ./running
    intact
    [ "$(ask '.processes[0].complete')" = true ] || fail "not complete: $("$OURO" report rec.ouro)"
done

# A process that ends while a thread makes room for its next chunk: nothing that
# was recorded is missing.
[ "$(uname -m)" = x86_64 ] && gdb -q -batch -ex 'python 0' >/dev/null 2>&1 || exit 0
cat >busy.c <<'C'
#include <stdlib.h>
int main(void) { for (int i = 0; i < 100000; i++) free(malloc(20)); return 0; }
C
"$CC" -O1 -fno-builtin busy.c -o busy
cat >end.py <<'P'
import gdb
gdb.execute("set pagination off")
gdb.execute("catch syscall fallocate")
gdb.execute("run", to_string=True)
while int(gdb.parse_and_eval("$rdx")) < 50000:
    gdb.execute("continue", to_string=True)
gdb.execute("set $orig_rax = 231")
gdb.execute("set $rdi = 0")
gdb.execute("continue", to_string=True)
print("has ended")
P
rm -rf rec.ouro
OURO_DIR=$PWD/rec.ouro gdb -q -batch -ex "set exec-wrapper env LD_PRELOAD=$BUILD/libouro.so" \
    -x end.py ./busy >gdb.out 2>&1 || fail "gdb: $(tail -3 gdb.out)"
grep -q 'has ended' gdb.out || fail "it did not end there: $(tail -3 gdb.out)"
"$OURO" report rec.ouro >out || :
! grep -i 'cut off' out || fail "room that was asked for is missed"
