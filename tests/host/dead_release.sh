#!/bin/sh
# A release of the dead is told with who died, where it was made, and where it
# died.
. "$(dirname "$0")/../host_kit.sh"
build dead_release
misuse='.processes[0].findings[] | select(.kind == "misuse")'

check() {
    same ./dead_release "$1"
    expect "$1: what" "$(ask "$misuse | .what")" "release of the dead"
    expect "$1: who" "$(ask "$misuse | \"\(.types[0].type) \(.label)\"")" "ghost casper"
    for stack in "stack late_release" "birth_stack make_ghost" "death_stack $2"; do
        expect "$1: ${stack%% *}" "$(ask "$misuse | .${stack%% *}[0].function")" "${stack#* }"
    done
    expect "$1: time" "$(ask "$misuse | .death_time > 0")" true
}

check at-once last_release
check later funeral
"$OURO" report rec.ouro >text || [ $? = 1 ] || fail "report failed"
grep -q '^misuse .* release of the dead of ghost "casper"$' text || fail "who died is not told: $(cat text)"
grep -q '^    died at ' text || fail "the death is not told: $(cat text)"

OURO_STACKS=alloc same ./dead_release later
expect "without stacks" "$(ask "$misuse | .death_stack | length")" 0
