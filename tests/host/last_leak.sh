#!/bin/sh
# The guest's own memory of the block that it recorded last keeps it from being
# lost in no case.
. "$(dirname "$0")/../host_kit.sh"
build last_leak
for entry in 0 1 2; do
    same ./last_leak $entry
    expect "entry $entry" "$(ask '[.processes[].findings[] | "\(.reach) \(.bytes)"] | join(";")')" \
        "definite 3000"
done
