#!/bin/sh
# run.sh BUILD - tests of ouro.h: it compiles everywhere without a word, a
# program alone does not notice it, a guest hears every macro; where BUILD has
# the real guest, the records are read back with `ouro dump`
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: run.sh BUILD}" && pwd)
include=$here/../../include
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ouro-protocol.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
# what memory held is another test's
export OURO_SNAPSHOT=none
failed=0
CC=${CC-gcc}
CXX=${CXX-g++}
warn="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wcast-qual -Werror"
warn_cxx="$warn -Wold-style-cast -x c++"

# claim NAME CMD...: one test
claim() {
    name=$1
    shift
    if "$@" >claim.log 2>&1; then
        return
    fi
    failed=$((failed + 1))
    printf 'FAIL: %s\n' "$name" >&2
    head -20 claim.log >&2
}

there() {
    command -v "$1" >/dev/null
}

# compile SOURCE PROGRAM COMPILER FLAG...
compile() {
    source=$here/$1
    program=$2
    shift 2
    "$@" -I"$include" -o "$program" "$source"
}

alone() {
    "./$1" --active >out 2>err && [ "$(cat out)" = alone ] && [ ! -s err ]
}

heard() {
    LD_PRELOAD=$scratch/echo.so "./$1" --active >out 2>err &&
        [ "$(cat out)" = active ] && diff "$here/every_macro.heard" err
}

# Every macro, built so: silent alone, all heard by a guest.
every_macro() {
    how=$*
    claim "every_macro: $how compiles" compile every_macro.c every "$@"
    claim "every_macro: $how is silent alone" alone every
    claim "every_macro: $how is heard" heard every
}

# shellcheck disable=SC2086  # lists of flags
ways_to_build() {
    for o in -O0 -O2 -O3 '-O2 -flto'; do
        every_macro "$CC" -std=c11 $o $warn
    done
    every_macro "$CC" -std=c99 $warn
    every_macro "$CC" -std=gnu17 -D_GNU_SOURCE -O2 $warn
    every_macro "$CC" -std=c11 -O2 -fno-pie -no-pie $warn
    every_macro "$CC" -std=c11 -O2 -fvisibility=hidden -fno-plt $warn
    every_macro "$CXX" -std=c++11 $warn_cxx
    for o in -O0 -O2 '-O2 -flto'; do
        every_macro "$CXX" -std=c++17 $o $warn_cxx
    done
    every_macro "$CXX" -std=c++20 -O2 -fno-pie -no-pie $warn_cxx
    if there clang; then
        every_macro clang -std=c11 -O2 $warn
        every_macro clang -std=c11 -O0 -fno-pie -no-pie $warn
        every_macro clang++ -std=c++17 -O2 $warn_cxx
    fi
    for how in -static -static-pie; do
        claim "$how links without a word" \
            compile every_macro.c every "$CC" $how -Wl,--fatal-warnings $warn
        claim "$how is silent" alone every
    done
    if there musl-gcc; then
        claim "musl compiles" compile every_macro.c every musl-gcc $warn
        claim "musl is silent" alone every
    fi
}

# An older guest's table ends early: what it has is heard, the rest is not.
older_guest() {
    claim "an older guest builds" compile echo_guest.c old.so "$CC" -shared \
        -fPIC -DTABLE_END=on_count
    claim "every_macro builds" compile every_macro.c every "$CC"
    LD_PRELOAD=./old.so ./every 2>err
    grep -E '^(new|new_at|new_leaf|type|label|dead|incref|decref|add|acquire|release|count) ' \
        "$here/every_macro.heard" >wanted
    claim "an older guest hears what it knows" diff wanted err
}

# A newer header has one more hook at its end.
newer_header() {
    mkdir -p newer
    sed 's/^    void (\*on_enable)(void);/&\n    void (*on_later)(void);/
         s/^#define OURO_ENABLE()  .*/#define OURO_ENABLE() (ouro_say(on_later), ouro_say(on_enable))/' \
        "$include/ouro.h" >newer/ouro.h
    claim "the newer header is newer" grep -q on_later newer/ouro.h
    claim "a newer header builds" "$CC" -Inewer -o newer/every \
        "$here/every_macro.c"
    claim "a newer header meets an older guest" heard newer/every
}

programs() {
    for o in -O0 -O2 -O3; do
        claim "quiet builds $o" compile quiet.c quiet "$CC" $o
        printf 'errno 77\nevaluated 5\ndlerror has nothing to say\n' >wanted
        ./quiet >out 2>err
        claim "quiet, alone $o" diff wanted out
        LD_PRELOAD=./echo.so ./quiet >out 2>err
        claim "quiet, under a guest $o" diff wanted out
        claim "tail_call builds $o" compile tail_call.c tail "$CC" -rdynamic $o
        claim "the hook returns to the macro's function $o" ./tail
    done
    claim "own_malloc builds" compile own_malloc.c own "$CC" -fno-builtin
    claim "a malloc that speaks goes on" ./own
    claim "first_at_once builds" compile first_at_once.c first "$CC" -O2 \
        -pthread
    claim "nobody is lost at the first macro" ./first
    claim "the plugin builds" compile plugin.c plugin.so "$CC" -shared -fPIC
    claim "its host builds" compile plugin_host.c host "$CC"
    printf 'incref 1000\n' >wanted
    LD_PRELOAD=./echo.so ./host ./plugin.so 2>err
    claim "a plugin opened for itself is heard" diff wanted err
}

smart_pointers() {
    for cxx in "$CXX" clang++; do
        there "$cxx" || continue
        for o in -O0 -O2; do
            # shellcheck disable=SC2086  # lists of flags
            claim "smart_pointer builds: $cxx $o" \
                compile smart_pointer.cpp smart "$cxx" -std=c++17 $o $warn_cxx
            claim "smart_pointer runs alone" ./smart
            LD_PRELOAD=./echo.so ./smart 2>err
            claim "every NEW is DEAD in the end: $cxx $o" \
                test "$(grep -c '^new_at' err) $(grep -c '^dead' err)" = "2 2"
            claim "every LINK is given up: $cxx $o" \
                test "$(grep -c '^link' err)" = "$(grep -c '^unlink' err)"
            claim "cookies come in pairs: $cxx $o" \
                test "$(sed -n 's/^acquire //p' err)" = \
                "$(sed -n 's/^release //p' err)"
        done
    done
}

# disassemble OBJECT: its instructions, without its name
disassemble() {
    objdump -d --no-show-raw-insn "$1" | sed 1,3d
}

# With OURO_OFF the object is the one of a source without the macros.
off() {
    sed '/^    OURO_/d' "$here/every_macro.c" >without.c
    claim "the macros are gone from without.c" \
        test "$(grep -c OURO_ without.c)" = 1
    for cc in "$CC" clang; do
        there "$cc" || continue
        for o in -O0 -O2; do
            claim "OURO_OFF compiles: $cc $o" \
                compile every_macro.c off.o "$cc" -c $o -DOURO_OFF
            claim "the source without compiles: $cc $o" \
                "$cc" -c $o -DOURO_OFF -I"$include" -o without.o without.c
            disassemble off.o >off.s
            disassemble without.o >without.s
            claim "OURO_OFF leaves nothing: $cc $o" diff without.s off.s
            nm off.o >off.names
            claim "OURO_OFF names nothing: $cc $o" \
                sh -c '! grep -iE "dlsym|dlerror|ouro" off.names'
        done
    done
    # shellcheck disable=SC2086  # lists of flags
    claim "OURO_OFF is silent in C++" compile every_macro.c off.o "$CXX" -c \
        -DOURO_OFF -std=c++17 $warn_cxx
}

# The list that the tests go through is the whole list.
whole_list() {
    sed -n 's/^#define \(OURO_[A-Z_]*\)(.*/\1/p' "$include/ouro.h" |
        sort >defined
    grep -o 'OURO_[A-Z_]*(' "$here/every_macro.c" | tr -d '(' | sort -u >said
    claim "every_macro.c says every macro" diff defined said
    sed -n 's/.*(\*on_\([a-z_]*\))(.*/\1/p' "$include/ouro.h" | sort >hooks
    cut -d' ' -f1 "$here/every_macro.heard" | sort -u >names
    claim "every hook is heard" diff hooks names
}

# The protocol's records in a recording, without where and when.
records() {
    "$build/ouro" dump "$1" |
        sed -nE 's/^[0-9]+ [0-9]+ [0-9]+ ([A-Z_]+( .*)?)$/\1/p' |
        grep -Ev '^(STACK|CUT|THREAD|EPOCH|FREE|REALLOC|PROCESS|MODULE|UNMODULE|EXITING|END|LOST|GAP)'
}

stacks='NEW|NEW_AT|INCREF|DECREF|ACQUIRE|RELEASE|LINK|LINK_AT|DEAD'

# recorded HOW FLAG...: what the real guest makes of every macro
recorded() {
    how=$*
    rm -rf every.ouro
    claim "$how builds" compile every_macro.c every "$@"
    claim "$how records" "$build/ouro" record -o every.ouro -- ./every
    records every.ouro >dump
    sed 's/ stack$//' dump >heard
    claim "$how: each macro is a record" diff "$here/every_macro.records" \
        heard
    grep -E "^($stacks) " dump | grep -v ' stack$' >bare
    claim "$how: what takes and gives has a stack" test ! -s bare
}

guest() {
    if [ ! -x "$build/ouro" ] || [ ! -e "$build/libouro.so" ]; then
        echo "protocol: no guest in $build: records are not checked" >&2
        return
    fi
    recorded "$CC" -O0
    recorded "$CC" -O2 -fno-pie -no-pie
    recorded "$CXX" -O2 -x c++
    claim "DISABLE builds" compile between.c between "$CC" -O1
    claim "DISABLE records" "$build/ouro" record -o between.ouro -- ./between
    records between.ouro | sed 's/ stack$//' | sort >heard
    printf 'INCREF object=0x%s000\n' 1 2 6 >wanted
    claim "nothing between DISABLE and ENABLE, which nest" diff wanted heard
}

claim "the echo builds" compile echo_guest.c echo.so "$CC" -shared -fPIC -Wall \
    -Wextra -Werror
whole_list
ways_to_build
older_guest
newer_header
programs
smart_pointers
off
guest

[ "$failed" -eq 0 ] || echo "protocol: $failed failed" >&2
[ "$failed" -eq 0 ]
