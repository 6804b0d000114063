#!/bin/sh
# SPDX-License-Identifier: MIT
# Stacks that are remembered are looked at again from the inside outward only: a
# caller's may be unmapped by then.
. "$(dirname "$0")/../host_kit.sh"
build stack_to_stack -fno-omit-frame-pointer -O1 -fno-optimize-sibling-calls
"$OURO" record -o t.ouro ./stack_to_stack >out
[ "$(cat out)" = unharmed ] || fail "$(cat out)"
