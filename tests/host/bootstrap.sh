#!/bin/sh
# Before the guest is ready: constructors that allocate, start threads, and
# wrap the very functions that the guest uses.
. "$(dirname "$0")/../host_kit.sh"
cat >early.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *kept;
static void *thread(void *a) { free(malloc(500)); return a; }
__attribute__((constructor)) static void early(void)
{
    pthread_t t;
    kept = calloc(1, 100 * 1024); /* the first allocation, and a large one */
    kept = realloc(kept, 200 * 1024);
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
}
int open(const char *path, int flags, ...)
{
    int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    va_list ap;
    va_start(ap, flags);
    const int mode = va_arg(ap, int);
    va_end(ap);
    free(malloc(strlen(path) + 1));
    return next(path, flags, mode);
}
void *early_kept(void) { return kept; }
C
cat >main.c <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
void *early_kept(void);
int main(void)
{
    const int fd = open("/dev/null", O_RDONLY);
    void *p = realloc(early_kept(), 10);
    printf("%d %d\n", fd >= 0, p != NULL);
    free(p);
    return 0;
}
C
for o in -O0 -O2 -O3 "-O2 -flto"; do
    # shellcheck disable=SC2086
    { "$CC" $o -fPIC -shared early.c -o libearly.so -lpthread && "$CC" $o main.c ./libearly.so -o main; }
    same ./main
    LD_PRELOAD=$PWD/libearly.so same ./main
    LD_BIND_NOW=1 same ./main
    LD_BIND_NOT=1 same ./main
    expect "unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
done
guest=$(dirname "$OURO")/libouro.so
mkdir empty && cd empty
env -i LD_PRELOAD="$guest" /bin/echo plain >out || fail "env -i"
expect "output" "$(cat out)" plain
ls -d ouro.*.ouro >/dev/null || fail "nothing was recorded with LD_PRELOAD alone"
