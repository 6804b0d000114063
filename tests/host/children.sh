#!/bin/sh
# A build under the guest, and a server that forks: only true findings, and one
# line for all clean images.
. "$(dirname "$0")/../host_kit.sh"
build leaks
mkdir project
cat >project/Makefile <<'MK'
check: a.o b.o
	@echo linked $^
	@../leaks
	@for i in 1 2 3; do sh -c 'true; exit 0'; done
%.o: %.c
	@sed 's/x/y/' $< >$@
%.c:
	@echo 'int x;' >$@
MK
same make -s -C project check
intact
"$OURO" report rec.ouro >report.txt
expect "leaks that count" "$(grep -c '^leak ' report.txt)" 1
grep -q '100 blocks, 4,800 bytes' report.txt || fail "the leak is not told: $(cat report.txt)"
expect "lines about clean images" "$(grep -c 'more process image' report.txt)" 1

cat >server.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void *volatile cache[100];
static void *volatile lost;
static __attribute__((noinline)) void request(int n) { if (n % 4 == 0) lost = malloc(555); lost = NULL; free(malloc(20)); }
int main(void)
{
    for (int i = 0; i < 100; i++) cache[i] = strdup("inherited");
    for (int i = 0; i < 12; i++) { fflush(NULL); if (fork() == 0) { request(i); _exit(0); } }
    while (wait(NULL) > 0) continue;
    for (int i = 0; i < 100; i++) free(cache[i]);
    return 0;
}
C
"$CC" -g server.c -o server
same ./server
expect "leaked by requests" "$(ask '[.processes[].findings[] | select(.kind == "leak") | .blocks] | add')" 3
expect "bytes" "$(ask '[.processes[].findings[] | select(.kind == "leak") | .bytes] | add')" 1665
