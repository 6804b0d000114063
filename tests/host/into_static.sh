#!/bin/sh
# A program that becomes one which cannot be recorded has ended by exec, and
# leaks nothing; where the exec fails it goes on as before.
. "$(dirname "$0")/../host_kit.sh"
build into_static
printf 'int main(void) { return 7; }\n' >other.c
"$CC" -static other.c -o other 2>/dev/null || skip "no static libc"
same ./into_static ./other
expect "ended" "$(ask '.processes[0] | "\(.ended) \(.complete) \(.findings | length)"')" "exec true 0"
guarded ./into_static ./nothing-there >/dev/null 2>&1 || :
expect "after an exec that failed" "$(ask '.processes[0] | "\(.ended) \([.findings[].blocks] | add)"')" "exit:3 2"
