#!/bin/sh
# mallopt, malloc_trim, mallinfo2, malloc_info, malloc_stats, mcheck and mtrace
# work on the heap that the program really has.
. "$(dirname "$0")/../host_kit.sh"
build heap_controls
same ./heap_controls
grep -q '^mapped 1 0$' guest.out || fail "mallinfo2: $(cat guest.out)"
grep -q '^perturbed aa$' guest.out || fail "M_PERTURB: $(cat guest.out)"
grep -q '^Arena 0' stats || fail "malloc_stats: $(cat stats)"
expect "the leak" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "lose") | .bytes] | add')" 777
