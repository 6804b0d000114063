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
