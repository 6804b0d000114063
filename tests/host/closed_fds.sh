#!/bin/sh
# A host that closes all descriptors and reuses the numbers keeps its data.
. "$(dirname "$0")/../host_kit.sh"
build closed_fds
same ./closed_fds
intact
test "$(ask '.processes[0].summary.allocations')" -ge 240000 ||
    fail "recording stopped when the descriptors went"
