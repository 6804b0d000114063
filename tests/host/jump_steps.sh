#!/bin/sh
# A handler that jumps out of the guest, after any instruction of an event and
# once from each: what was interrupted is abandoned, and nothing else is missed,
# nor put into another order. SEED picks the places.
. "$(dirname "$0")/../host_kit.sh"
[ "$(uname -m)" = x86_64 ] || skip "only x86-64 programs trap after each of their own instructions"
seed=${SEED-$$}
echo "SEED=$seed"
build jump_steps -Wl,-z,now
"$CC" -O1 -fPIC -shared -fno-builtin "$host/bump.c" -o libbump.so
LD_PRELOAD=$PWD/libbump.so OURO_SNAPSHOT=none guarded ./jump_steps "$seed" "${ONE_IN-4}" >out || fail "status $?: $(cat out)"
[ "$(cat out)" -gt 0 ] || skip "no traps here"
[ "$(cat out)" -gt 100 ] || fail "few jumps: $(cat out)"
intact
expect "complete, and frees that are unknown" "$(ask '.processes[0] | [.complete, .summary.unknown_frees] | @json')" '[true,0]'
expect "blocks lost" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and .bytes == 333 * .blocks and .stack[0].function == "lose") | .blocks] | add')" 400
