#!/bin/sh
# A thread that is cancelled inside us is unwound through us; the others, and
# the records, go on. A bad_alloc that nobody catches ends a program as ever.
. "$(dirname "$0")/../host_kit.sh"
build async_cancel -fexceptions
"$CC" -O1 -fPIC -shared -fno-builtin "$host/bump.c" -o libbump.so
LD_PRELOAD=$PWD/libbump.so same ./async_cancel
expect "output" "$(cat guest.out)" "cancelled 300, cleaned 300"
expect "blocks lost after each" "$(ask '[.processes[0].findings[] | select(.stack[0].function == "lose_after") | .blocks] | add')" 300
expect "lost events" "$(ask '.processes[0].summary.lost_events')" 0

cat >uncaught.cpp <<'CPP'
#include <cstdint>
#include <new>
static volatile std::size_t huge = SIZE_MAX / 2;
static void *take() noexcept { return operator new(huge); }
int main(int argc, char **) { return argc > 1 ? take() == nullptr : operator new(huge) == nullptr; }
CPP
"$CXX" uncaught.cpp -o uncaught
# shellcheck disable=SC3045  # every sh that matters has it
ulimit -c 0
same ./uncaught
expect "status" "$status" 134
same ./uncaught noexcept
expect "status in noexcept" "$status" 134
