#!/bin/sh
# More libraries than the trace has room for: each event is there, frames in the
# last of them have no names, and the report says so. What the guest keeps
# follows their number.
. "$(dirname "$0")/../host_kit.sh"
printf '#include <stdlib.h>\nvoid *lose(void) { void *p = malloc(7); __asm__ volatile("" ::"r"(p)); return p; }\n' >loses.c
"$CC" -g -O1 -fPIC -shared -fno-builtin loses.c -o libloses.so
build many_modules
full() {
    "$OURO" report rec.ouro | grep -c 'more libraries were loaded than'
}
named() {
    ask '[.processes[0].findings[] | select(any(.stack[]; .function == "lose")) | .blocks] | add'
}
same ./many_modules 1000
intact
expect "blocks lost in 1000 libraries" "$(named)" 1000
expect "words about too many" "$(full || true)" 0
same ./many_modules 17000
intact
expect "blocks" "$(ask '[.processes[0].findings[] | select(.bytes == 7 * .blocks) | .blocks] | add')" 17000
[ "$(named)" -gt 16000 ] || fail "few have names: $(named)"
[ "$(named)" -lt 16384 ] || fail "all have names: $(named)"
expect "words about too many" "$(full)" 1
