#!/bin/sh
# Buffers are written out at the end while their threads fill them, and what is
# in the file is whole.
. "$(dirname "$0")/../host_kit.sh"
build buffered_exit
for i in $(seq 30); do
    OURO_IO=buffered guarded ./buffered_exit "$i" || fail "status $?"
    "$OURO" report rec.ouro >out 2>&1 || :
    ! grep -i damaged out || fail "run $i left a damaged trace"
done

# A write that the end of the process stops half way, as the kernel may: what is
# told of are bytes that are there.
[ "$(uname -m)" = x86_64 ] && gdb -q -batch -ex 'python 0' >/dev/null 2>&1 || exit 0
cat >busy.c <<'C'
#include <stdlib.h>
int main(void) { for (int i = 0; i < 200000; i++) free(malloc((size_t)i % 500)); return 0; }
C
cat >cut.py <<'P'
import gdb
def number(x):
    return int(gdb.parse_and_eval(x))
gdb.execute("catch syscall pwrite64")
gdb.execute("run")
while number("$r10") < 100000 or number("$rdx") < 8192:
    gdb.execute("continue", to_string=True)
gdb.execute("set $rdx = 4096")
gdb.execute("continue", to_string=True)
gdb.execute("kill")
print("was cut")
P
"$CC" -O1 -fno-builtin busy.c -o busy
rm -rf rec.ouro
OURO_IO=buffered OURO_DIR=$PWD/rec.ouro gdb -q -batch -ex "set exec-wrapper env LD_PRELOAD=$BUILD/libouro.so" \
    -x cut.py ./busy >gdb.out 2>&1 || fail "gdb: $(tail -3 gdb.out)"
grep -q 'was cut' gdb.out || fail "no write was cut: $(tail -3 gdb.out)"
"$OURO" report rec.ouro >out 2>&1 || :
! grep -iE 'damaged|cut off' out || fail "half a write left a chunk without its bytes"
