#!/bin/sh
# A plugin that another thread loads where one has just gone is itself.
. "$(dirname "$0")/../host_kit.sh"
for plugin in one two; do
    cat >$plugin.c <<C
#include <stdlib.h>
void *lose_$plugin(void)
{
    void *p = malloc(sizeof "$plugin" * 1000 + '${plugin%??}');
    __asm__ volatile("" : "+r"(p));
    return p;
}
void *lose(void)
{
    void *p = lose_$plugin();
    __asm__ volatile("" : "+r"(p));
    return p;
}
C
    "$CC" -g -O1 -fno-builtin -fPIC -shared $plugin.c -o $plugin.so
done
build plugin_race
same ./plugin_race
intact
expect "what each plugin lost" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and (.stack[0].function | test("^lose_(one|two)$"))) |
    "\(.stack[0].function) \(.bytes / .blocks) \(.blocks)"] | sort | join(", ")')" "lose_one 4111 2000, lose_two 4116 2000"
expect "stacks of another shape" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and .stack[0].function == "lose_deep") |
    [.stack[].function] | join(" ") | select(test("^(lose_deep )+work start_thread clone3?$") | not)] | length')" 0
