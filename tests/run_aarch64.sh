#!/bin/sh
# run_aarch64.sh BUILD_AARCH64 BUILD - the guest of BUILD_AARCH64 under
# qemu-aarch64; its recordings are read by the tool in BUILD, this machine's
#
# Each program must say and return what it does without the guest, and the
# report must have the right findings with the right stacks.
set -eu
if [ $# -ne 2 ]; then
    echo "usage: run_aarch64.sh BUILD_AARCH64 BUILD" >&2
    exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
guest=$(cd "$1" && pwd)/libouro.so
ouro=$(cd "$2" && pwd)/ouro
CC=${CC-aarch64-linux-gnu-gcc}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ouro-aarch64.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
failed=0
sample=

# shellcheck disable=SC2016  # jq's own variables
words='
def findings: [.processes[].findings[]];
def of(k): findings | map(select(.kind == k));
def leak(f): of("leak") | map(select(.stack[0].function == f));
def cycle: of("cycle")[0];
def functions: map(.function) | join(" < ");
def outermost: [.[-2:][].function] | join(" < ");
'

wrong() {
    printf 'FAIL: %s: %s\n' "$sample" "$*" >&2
    failed=1
}

# ask WHAT QUESTION ANSWER
ask() {
    answer=$(jq -r "$words $2" report.json 2>&1)
    [ "$answer" = "$3" ] || wrong "$1: $answer, expected $3"
}

# build NAME SOURCE...
build() {
    to=$1
    shift
    "$CC" -g -O1 -fno-builtin -I"$root/include" -o "$to" "$@" -lpthread
}

# record NAME CMD...: with OURO_CLOCK=$clock and OURO_IO=$io
clock=
io=
record() {
    sample=$1
    shift
    alone=0
    status=0
    timeout 60 qemu-aarch64 "$@" >alone 2>&1 || alone=$?
    rm -rf "$sample.ouro"
    mkdir "$sample.ouro"
    timeout 60 qemu-aarch64 -E LD_PRELOAD="$guest" \
        -E OURO_DIR="$PWD/$sample.ouro" -E OURO_CLOCK="$clock" -E OURO_IO="$io" \
        "$@" >recorded 2>&1 || status=$?
    [ "$alone" -eq "$status" ] || wrong "status $alone, recorded $status"
    cmp -s alone recorded || wrong "says something else when recorded"
    "$ouro" report --format=json "$sample.ouro" >report.json || wrong "no report"
    "$ouro" dump "$sample.ouro" >dumped || wrong "no dump"
    grep -q "machine=183 clock=${clock:-cntvct}" dumped || wrong "another clock"
    ask "it is complete" '.processes | map(.complete) | all' true
    ask "nothing was lost" '[.processes[].summary |
        .lost_events + .order_conflicts] | add' 0
}

pair() {
    build pair "$root/samples/pair.c"
    record pair ./pair
    ask "findings" 'findings | map(.kind) | join(" ")' cycle
    ask "labels" 'cycle.members | map(.label) | sort | join(", ")' 'ada, bob'
    ask "counts" 'cycle.members | map(.refcount) | add' 2
    ask "born" 'cycle.members[0].stack[:2] | functions' 'person_new < main'
    ask "closed by" 'cycle | .edges[.closing_edge].stack[:2] | functions' \
        'marry < main'
    ask "orphaned by" 'cycle.orphaned.stack[:2] | functions' 'person_put < main'
    ask "whole stacks" 'cycle.members[0].stack | outermost' \
        '__libc_start_main < _start'
}

line_of() {
    grep -nF "$1" "$root/samples/lost_list.c" | head -1 | cut -d: -f1
}

lost_list() {
    build lost_list "$root/samples/lost_list.c"
    record lost_list ./lost_list
    ask "findings" 'findings | length' 1
    ask "blocks and bytes" 'leak("add_line")[0] | [.retained_blocks, .retained_bytes] | join(" ")' \
        '3 48'
    ask "site" 'leak("add_line")[0].stack[:3] | functions' \
        'add_line < load < main'
    ask "lines" 'leak("add_line")[0].stack[:3] | map(.line) | join(" ")' \
        "$(line_of '= malloc(') $(line_of 'add_line(i);') $(line_of ' load(3')"
}

lisp() {
    build lisp "$root"/samples/lisp/*.c
    record lisp ./lisp "$root/samples/lisp/letrec.lisp"
    ask "cycles" 'of("cycle") | length' 1
    ask "closed by" 'cycle | .edges[.closing_edge].stack[:5] | functions' \
        'give_field < set_field < define < bind_all < do_letrec'
    ask "orphaned by" 'cycle.orphaned.stack[:3] | functions' \
        'release < eval < eval_each'
    record clean ./lisp "$root/samples/lisp/clean.lisp"
    ask "alive" '.processes[0].summary.objects_live' 0
}

# One block lost at the end of a recursion, one on the way back at half of it;
# whole stacks, and such as are too deep to be kept.
deep() {
    cat >deep.c <<'C'
#include <stdlib.h>
static void *volatile last;
static int half;
__attribute__((noinline)) static void halfway(void)
{
    last = malloc(200);
    __asm__ volatile("" ::: "memory");
}
__attribute__((noinline)) static int descend(int n)
{
    if (n == 0) {
        last = malloc(100);
        return 0;
    }
    const int below = descend(n - 1);
    if (n == half)
        halfway();
    return below + 1;
}
int main(int argc, char **argv)
{
    const int deep = argc > 1 ? atoi(argv[1]) : 0;
    half = deep / 2;
    const int depth = descend(deep);
    last = NULL;
    return depth == deep ? 0 : 1;
}
C
    build deep deep.c
    record deep ./deep 3000
    ask "frames of the recursion" '[leak("descend", "halfway")[].stack |
        map(select(.function == "descend")) | length] | sort | join(" ")' \
        '1501 3001'
    ask "outermost" '[leak("descend", "halfway")[].stack | outermost] |
        unique | join(" ")' \
        '__libc_start_main < _start'
    record deeper ./deep 100000
    ask "blocks" '[leak("descend", "halfway")[] | .blocks] | add' 2
    ask "outermost" '[leak("descend", "halfway")[].stack | outermost] |
        unique | join(" ")' \
        'descend < (frames cut off here)'
}

# Four threads that free each other's blocks at once, and lose one each. In
# both clocks and both ways of writing.
threads() {
    cat >threads.c <<'C'
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
static _Atomic(void *) slots[16];
static void *volatile last;
__attribute__((noinline)) static void lose(void)
{
    last = malloc(77);
    __asm__ volatile("" ::: "memory");
}
static void *thread(void *seed)
{
    unsigned r = (unsigned)(size_t)seed * 2654435761u + 1;
    for (int i = 0; i < 5000; i++) {
        r = r * 1664525u + 1013904223u;
        void *p = realloc(malloc(16 + r % 6000), 16 + (r >> 8) % 9000);
        free(atomic_exchange(&slots[(r >> 16) % 16], p));
    }
    lose();
    return NULL;
}
int main(void)
{
    pthread_t t[4];
    for (size_t i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, thread, (void *)(i + 1));
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    for (int i = 0; i < 16; i++)
        free(atomic_exchange(&slots[i], NULL));
    last = NULL;
    return 0;
}
C
    build threads threads.c
    for clock in '' counter; do
        for io in '' buffered; do
            record "threads${clock:+-$clock}${io:+-$io}" ./threads
            ask "lost" '[leak("lose")[] | .blocks] | add' 4
            ask "site" 'leak("lose")[0].stack[:2] | functions' 'lose < thread'
            ask "nothing else" '[leak("thread")[]] | length' 0
            ask "unknown frees" '.processes[0].summary.unknown_frees' 0
        done
    done
    clock=
    io=
}

# A handler's stack goes on into what the signal interrupted.
signals() {
    cat >signals.c <<'C'
#include <signal.h>
#include <stdlib.h>
static void *volatile last;
static void handler(int sig)
{
    last = malloc(33);
    (void)sig;
}
__attribute__((noinline)) static void interrupted(void)
{
    raise(SIGUSR1);
    __asm__ volatile("" ::: "memory");
}
int main(void)
{
    signal(SIGUSR1, handler);
    interrupted();
    last = NULL;
    return 0;
}
C
    build signals signals.c
    record signals ./signals
    ask "the interrupted" 'leak("handler")[0].stack | map(.function) |
        [index("handler") < index("interrupted"),
        index("interrupted") < index("main")] | all' true
}

pair
lost_list
lisp
deep
threads
signals
[ $failed -eq 0 ] && echo "aarch64: every recording is right"
exit $failed
