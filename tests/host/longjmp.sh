#!/bin/sh
# A siglongjmp out of a handler that struck inside the guest loses no event, and
# costs next to no room.
. "$(dirname "$0")/../host_kit.sh"
build longjmp
build jumps
"$CC" -O1 -fPIC -shared -fno-builtin "$host/bump.c" -o libbump.so
LD_PRELOAD=$PWD/libbump.so
export LD_PRELOAD
same ./longjmp
unset LD_PRELOAD
of_size() {
    ask "[.processes[0].findings[] | select(.kind == \"leak\" and .bytes == .blocks * $1) | .blocks] | add"
}
expect "blocks of 1717 bytes" "$(of_size 1717)" 200
expect "blocks of 4242 bytes" "$(of_size 4242)" 200
expect "lost events" "$(ask '.processes[0].summary.lost_events')" 0

LD_PRELOAD=$PWD/libbump.so
export LD_PRELOAD
same ./jumps 10000
unset LD_PRELOAD
expect "output" "$(cat guest.out)" "1000 lost"
expect "blocks of 1717 bytes after 10000 jumps" "$(of_size 1717)" 1000
intact
# an event takes four bytes here, a jump some forty
room=$(ask '[.processes[0].summary.events * 8, 4000000] | add')
[ "$(cat rec.ouro/*.trace | wc -c)" -lt "$room" ] || fail "$(cat rec.ouro/*.trace | wc -c) bytes, more than $room"
