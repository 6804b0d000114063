#!/bin/sh
# programs.sh - sourced: compiles the loads into the current directory, as a
# distribution does: optimized, without frame pointers
: "${here:?}"

programs() {
    flags="-O2 -g -fomit-frame-pointer -std=gnu17 -D_GNU_SOURCE -I$here/../../include"
    for program in nothing depth cross torn resize live stacks events timed; do
        # shellcheck disable=SC2086  # a list of words
        cc $flags "$here/$program.c" -o $program -pthread
    done
    # shellcheck disable=SC2086
    cc $flags -DOURO_OFF "$here/events.c" -o events-off
}
