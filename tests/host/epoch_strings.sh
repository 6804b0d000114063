#!/bin/sh
# A long string that the chunk knew is told anew after a library came or went,
# and there is room for it at the end of a chunk, too.
. "$(dirname "$0")/../host_kit.sh"
printf '#include <stdlib.h>\nvoid run(void) { free(malloc(8)); }\n' >plugin.c
"$CC" -O1 -fPIC -shared -fno-builtin plugin.c -o libplugin.so
build epoch_strings -ldl
same ./epoch_strings
intact
expect "objects" "$(ask '.processes[0].summary.objects_created')" 800
"$OURO" dump rec.ouro >dump.out || fail "dump: status $?"
n=$(grep -c 'NEW .*type="x' dump.out)
epochs=$(grep -c ' EPOCH ' dump.out)
expect "objects with a name" "$n" 800
[ "$epochs" -ge 400 ] || fail "few epochs: $epochs"
