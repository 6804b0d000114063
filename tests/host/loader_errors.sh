#!/bin/sh
# The guest leaves nothing for dlerror() to say, and takes nothing away.
. "$(dirname "$0")/../host_kit.sh"
build loader_errors
same ./loader_errors
grep -q 'over allocations: .*absent_symbol' guest.out || fail "the host's own error is gone: $(cat guest.out)"
grep -q 'before main: nothing' guest.out || fail "an error of ours was left: $(cat guest.out)"
