#!/bin/sh
# A block that a global, a static, thread-local storage, a key, mapped pages, a
# stack or another such block holds is reachable; one that only a pointer into
# it holds is possible; what nothing holds, or only itself, or a ring, or a
# pointer that is not aligned, is definite: in one thread and with another that
# sleeps, and whichever allocator is loaded beside us.
. "$(dirname "$0")/../host_kit.sh"

build reach

# check ENV WORD...: each function's blocks are reached as its name says
check() {
    with=$1
    shift
    rm -rf rec.ouro
    # shellcheck disable=SC2086 # words
    env $with "$OURO" record -o rec.ouro -- ./reach "$@" || fail "$with: reach $*"
    "$OURO" report --show=all --format=json rec.ouro >report.json || fail "no report"
    jq -r '.processes[0].findings[] | .reach + " " + ([.stack[].function | select(test("^(held|lost|maybe)_"))][0] // empty)' \
        report.json | sort >found
    awk '{ want = $2 ~ /^held/ ? "reachable" : $2 ~ /^lost/ ? "definite" : "possible"
           if ($1 != want) print }' found >wrong
    [ ! -s wrong ] || fail "$with: reach $*: $(cat wrong)"
    sed -n 's/^ASKS(\(\(lost\|maybe\)_[a-z_]*\))$/\1/p' "$host/reach.c" >names
    while read -r name; do
        grep -q " $name\$" found || fail "$with: reach $*: $name is not found"
    done <names
    ! jq -e '.processes[0].findings[].stack[].function | select(. == "inside_of_lost")' report.json >/dev/null ||
        fail "$with: reach $*: what a lost block holds is found by itself"
}

beside() {
    for lib in libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4; do
        path=$(find /usr/lib -name "$lib" 2>/dev/null | head -1)
        [ -z "$path" ] || echo "LD_PRELOAD=$path"
    done
}

for with in A=1 MALLOC_PERTURB_=165 $(beside); do
    check "$with"
    check "$with" thread
done
