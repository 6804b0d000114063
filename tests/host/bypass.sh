#!/bin/sh
# Memory that goes past us: the program works, what we do not know is counted,
# and stacks go through such libraries all the same.
. "$(dirname "$0")/../host_kit.sh"
cat >plugin.c <<'C'
#include <stdlib.h>
void *take(size_t n) { return malloc(n); }
void give(void *p) { free(p); }
void *through(void *(*f)(size_t), size_t n) { void *p = f(n); __asm__ volatile("" ::"r"(p)); return p; }
C
"$CC" -g -O1 -fPIC -shared -fno-builtin plugin.c -o libplugin.so
build bypass -rdynamic
# What is still reachable in memory that is not recorded is another question.
OURO_SNAPSHOT=none
export OURO_SNAPSHOT
same ./bypass
expect "output" "$(cat guest.out)" "0 0"
[ "$(ask '.processes[0].summary.unknown_frees')" -ge 50 ] || fail "frees of what came from elsewhere are not counted"
expect "lost events" "$(ask '.processes[0].summary.lost_events')" 0
for way in deep apart; do
    expect "stack through the library opened $way" "$(ask "[.processes[0].findings[]
        | select(.stack[0].function == \"lose_$way\") | .blocks, .stack[:3][].function] | map(tostring) | join(\" \")")" \
        "50 lose_$way through main"
done
expect "status of the report" "$("$OURO" report rec.ouro >/dev/null 2>&1; echo $?)" 0

# what such a library got again, and the program frees, is no double free
build unseen
for how in "deep" "apart" "deep close" "apart close"; do
    # shellcheck disable=SC2086
    same ./unseen $how
    [ "$(cat guest.out)" -gt 10 ] || fail "few blocks came again, $how: $(cat guest.out)"
    expect "misuse, $how" "$(ask '[.processes[0].findings[] | select(.kind == "misuse")] | length')" 0
    expect "unknown frees, $how" "$(ask '.processes[0].summary.unknown_frees')" 20
    "$OURO" dump rec.ouro | grep -q 'GAP what=.*libplugin.so' || fail "no GAP tells of the library opened $how"
    "$OURO" report rec.ouro | tr -s ' \n' ' ' | grep -q 'allocations in libplugin.so were not seen' || fail "the report says nothing, $how"
done
same ./unseen not close
"$OURO" dump rec.ouro | grep ' GAP ' && fail "a gap where nothing went past us"

# an allocator of the program's own, under the name malloc, or around it
cat >own.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#ifdef WRAP
void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n) { return __real_malloc(n + 8); }
#else
static _Alignas(16) char arena[1 << 20];
static size_t used;
void *malloc(size_t n) { used += (n + 31) & ~(size_t)15; return arena + used - ((n + 15) & ~(size_t)15); }
void free(void *p) { (void)p; }
void *calloc(size_t a, size_t b) { return malloc(a * b); }
void *realloc(void *p, size_t n) { (void)p; return malloc(n); }
#endif
int main(void)
{
    for (int i = 0; i < 100; i++) free(malloc(100));
    void *volatile kept = malloc(33);
    return printf("%d\n", kept != NULL) != 2;
}
C
for flags in "-O1" "-O1 -no-pie" "-O1 -rdynamic"; do
    # shellcheck disable=SC2086
    "$CC" $flags -fno-builtin own.c -o own
    ./own >plain.out || fail "own malloc, $flags: status $? alone"
    guarded ./own >guest.out 2>note || fail "own malloc, $flags: status $?"
    cmp plain.out guest.out || fail "own malloc, $flags: $(cat guest.out)"
    grep -q 'allocator of its own' note || fail "own malloc, $flags: nobody was told: $(cat note)"
done
"$CC" -g -fno-builtin -DWRAP -Wl,--wrap=malloc own.c -o own
same ./own
expect "the wrapped malloc's leak" "$(ask '[.processes[0].findings[] | select(.bytes == 41) | .stack[1].function] | join(" ")')" main
