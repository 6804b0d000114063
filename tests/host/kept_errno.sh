#!/bin/sh
# errno survives every call, also those in which the trace grows or cannot.
. "$(dirname "$0")/../host_kit.sh"
build kept_errno
same ./kept_errno
expect "calls that changed errno" "$(cat guest.out)" "0 0"
intact
[ "$("$OURO" dump rec.ouro | grep -c 'chunk')" -ge 10 ] || fail "the trace did not grow: the test is blind"
OURO_IO=buffered same ./kept_errno
expect "buffered: calls that changed errno" "$(cat guest.out)" "0 0"
OURO_MAX_SIZE=200000 same ./kept_errno
expect "stopped: calls that changed errno" "$(cat guest.out)" "0 0"
guest=$BUILD/libouro.so
expect "nowhere to write: calls that changed errno" "$(OURO_DIR=/dev/null/x LD_PRELOAD=$guest ./kept_errno)" "0 0"
expect "a small file limit: calls that changed errno" \
    "$(OURO_DIR=$PWD/small.ouro LD_PRELOAD=$guest sh -c 'ulimit -f 500; exec ./kept_errno')" "0 0"
