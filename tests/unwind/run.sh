#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh BUILD_DIR - the guest's unwinder against libunwind's, frame by frame
#
# Builds what it needs into BUILD_DIR/unwind. Fails on any stack that differs,
# any change that a reader of the trace would get wrong, and any host that does
# not do under the preload what it does without. See compare.c.
#
# EMULATOR=qemu-aarch64 with CC for that machine: the same there, without the
# programs that are this machine's; slow, so that fewer stacks are compared.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: run.sh BUILD_DIR" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
mkdir -p "$1/unwind"
out=$(cd "$1/unwind" && pwd)
cc=${CC:-cc}
cxx=${CXX:-c++}
emulator=${EMULATOR-}
result=$out/result
failed=0
compared=0

guest="-std=gnu17 -D_GNU_SOURCE -O2 -g -fPIC -fvisibility=hidden -fno-builtin
    -fno-omit-frame-pointer -ftls-model=initial-exec
    -fasynchronous-unwind-tables -fno-stack-protector
    -I$top/include -I$top/preload"
unwinder=
for name in stack stack_rarely trail foreign switch cfi row rule bytes expression window module module_file program text store build_id \
    got own; do
    unwinder="$unwinder $top/preload/$name.c"
done

fail() {
    echo "FAIL: $*"
    failed=1
}

# under COMMAND...: the host under the preload
under() {
    if [ -n "$emulator" ]; then
        timeout 60 "$emulator" -E LD_PRELOAD="$out/compare.so" "$@"
    else
        LD_PRELOAD=$out/compare.so timeout 60 env LD_PRELOAD="$out/compare.so" "$@"
    fi
}

# run RATE NAME COMMAND...: one comparison and its line
run() {
    rate=$1
    name=$2
    shift 2
    rm -f "$result"
    status=0
    if [ -n "$emulator" ]; then
        rate=$((rate * 40))
    fi
    UNWIND_RATE=$rate UNWIND_RESULT=$result under "$@" \
        >"$out/stdout" 2>"$out/stderr" || status=$?
    [ $status -eq 0 ] || fail "$name: status $status"
    # One line for each process that ended by exit: timeout's and env's too.
    line=$(awk '{ for (i = 1; i <= 5; i++) n[i] += $i }
        END { printf "%d %d %d %d %d", n[1], n[2], n[3], n[4], n[5] }' \
        "$result" 2>/dev/null || true)
    # shellcheck disable=SC2086
    set -- ${line:-0 0 0 0 0}
    printf '%-34s %9s stacks, %6s compared, %s wrong, %s slow, %s short\n' \
        "$name" "$1" "$2" "$3" "$4" "$5"
    compared=$((compared + $2))
    if [ "$3" -ne 0 ]; then
        fail "$name: $3 mismatches"
        head -80 "$out/stderr"
    fi
}

# says NAME TEXT: what the host printed
says() {
    grep -qx "$2" "$out/stdout" || fail "$1: did not print \"$2\""
}

# shellcheck disable=SC2086
$cc $guest -shared -Wl,-z,now -o "$out/compare.so" "$here/compare.c" $unwinder
for room in 24 72; do
    $cc -O2 -fPIC -shared -DROOM=$room -o "$out/plugin$room.so" "$here/plugin.c"
done
$cc -O2 -o "$out/plugins" "$here/plugins.c" -ldl
$cc -O2 -o "$out/loader" "$here/loader.c" -ldl -lpthread
$cc -O2 -o "$out/lies" "$here/lies.c"

# shellcheck disable=SC2086
$cc $guest -o "$out/trails" "$here/trails.c" $unwinder
if [ -n "$emulator" ]; then
    "$emulator" "$out/trails" || fail "trails: status $?"
else
    "$out/trails" || fail "trails: status $?"
fi

ways="O0 O2 O2-omit O2-keep"
if [ -n "$emulator" ]; then
    ways="O0 O2-omit"
fi
for way in $ways; do
    case $way in
    O0) flags=-O0 ;;
    O2) flags=-O2 ;;
    O2-omit) flags="-O2 -fomit-frame-pointer" ;;
    O2-keep) flags="-O2 -fno-omit-frame-pointer" ;;
    esac
    for host in frames signals contexts by_hand; do
        # shellcheck disable=SC2086
        $cc $flags -o "$out/$host-$way" "$here/$host.c" -lpthread
        run 3 "$host $way" "$out/$host-$way"
    done
done
if [ -z "$emulator" ]; then
    run 20000 "frames, 100,000 deep" "$out/frames-O2" deep
fi
UNWIND_FRESH=1 run 1 "plugins" "$out/plugins" "$out/plugin24.so" \
    "$out/plugin72.so"
run 0 "lies" "$out/lies"
says "lies" unharmed
run 0 "loader" "$out/loader" "$out/plugin24.so"
says "loader" moving

enough() {
    echo "$compared stacks compared"
    [ $compared -ge "$1" ] || fail "fewer than $1 stacks were compared"
}

if [ -n "$emulator" ]; then
    enough 600
    exit $failed
fi

python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))' \
    2>/dev/null || true)
if [ -n "$python" ]; then
    run 12 python3 "$python" "$here/work.py"
fi
if perl -e 1 2>/dev/null; then
    run 10 perl perl "$here/work.pl"
fi
compiler=$($cxx -print-prog-name=cc1plus 2>/dev/null || true)
if [ -x "$compiler" ]; then
    $cxx -E -o "$out/work.ii" "$here/work.cpp"
    run 40 cc1plus "$compiler" -quiet -fpreprocessed "$out/work.ii" -O1 \
        -o "$out/work.s"
fi

enough 100000
# shellcheck disable=SC2086
$cc $guest -o "$out/cost" "$here/cost.c" $unwinder -lunwind
"$out/cost"
exit $failed
