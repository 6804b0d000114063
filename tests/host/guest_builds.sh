#!/bin/sh
# A guest that is built without optimisation, or with all of it over all files at
# once, begins as the usual one does: no compiler may drop its guards.
. "$(dirname "$0")/../host_kit.sh"
top=$host/../..
build entries
"$CC" -O1 -fPIC -shared -fno-builtin "$host/wrapper.c" -o libwrapper.so
"$CC" -O1 -fPIC -shared -fno-builtin -D_GNU_SOURCE "$host/symbols_too.c" -o libsymbols.so
cat >early.c <<'C'
#include <stdlib.h>
#include <pthread.h>
static void *volatile kept;
static void *thread(void *a) { kept = realloc(kept, 300000); return a; }
__attribute__((constructor)) static void early(void)
{
    pthread_t t;
    kept = calloc(1, 100 * 1024);
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
    free(kept);
}
C
"$CC" -O1 -fPIC -shared -fno-builtin early.c -o libearly.so -lpthread
./entries >plain.out
for flags in -O0 "-O3 -flto=auto"; do
    # shellcheck disable=SC2086
    "$CC" -std=gnu17 -D_GNU_SOURCE -I"$top/include" -I"$top/preload" $flags -fPIC -fvisibility=hidden -fno-builtin \
        -fno-omit-frame-pointer -ftls-model=initial-exec -fasynchronous-unwind-tables -fno-stack-protector -w \
        -shared -Wl,-soname,libouro.so -Wl,-z,defs -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete \
        -Wl,--version-script="$top/preload/exports.map" -o libouro.so "$top"/preload/*.c || fail "$flags: no build"
    for others in "" "$PWD/libwrapper.so $PWD/libearly.so" "$PWD/libsymbols.so $PWD/libearly.so"; do
        rm -rf rec.ouro
        OURO_DIR=$PWD/rec.ouro timeout 20 env LD_PRELOAD="$PWD/libouro.so $others" ./entries >guest.out 2>guest.err ||
            fail "$flags, $others: status $?: $(cat guest.err)"
        cmp plain.out guest.out || fail "$flags, $others: $(cat guest.out)"
        # shellcheck disable=SC2016
        expect "$flags, $others: the leak; lost, misordered and unknown" "$(ask '.processes[0] | .summary as $s
            | [.findings[] | select(any(.stack[:2][]; .function == "leak_calloc")) | .bytes] | add
            | "\(.) \($s.lost_events) \($s.order_conflicts) \($s.unknown_frees)"')" "1001 0 0 0"
    done
done
