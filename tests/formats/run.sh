#!/bin/sh
# run.sh BUILD [RECORDING...] - every format of the report is what its readers accept, whatever
# the names in it, and the same from run to run
set -eu
build=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
CC=${CC-gcc}
CXX=${CXX-g++}
export LC_ALL=C.UTF-8
scratch=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# Names that would do something, of types, fields, labels, functions, a program
# and a library.
nasty=$(printf 'n \033[31m"|<b>`::error::%%0A](x)\nq')
"$CC" -O1 -fno-builtin -I"$root/include" -c "$root/tests/host/nasty_names.c" -o n.o
objcopy --redefine-sym "named_later=$(printf 'esc\033[2J\r\n::error::"<b>|`](http://x)@everyone\377\302\233')" n.o
"$CC" n.o -o "$nasty"
printf '#include <stdlib.h>\nvoid *lose_there(size_t n){void *p=malloc(n);__asm__ volatile(""::"r"(p));return p;}\n' >"l](x)|,:%.c"
"$CC" -g -O1 -fPIC -shared -fno-builtin "l](x)|,:%.c" -o "lib$nasty.so"
"$CXX" -g -O1 "$here/templates.cpp" -o templates
"$CC" -g -O1 -fno-builtin -I"$root/include" "$here/rare.c" -o rare
{
    echo '#include <stdlib.h>'
    echo 'static void *volatile sink;'
    i=0
    while [ $i -lt 200 ]; do
        i=$((i + 1))
        echo "__attribute__((noinline)) static void lose_$i(void) { sink = malloc($i); __asm__ volatile(\"\"); }"
    done
    echo 'int main(void) {'
    i=0
    while [ $i -lt 200 ]; do
        i=$((i + 1))
        echo "lose_$i();"
    done
    echo "sink = NULL; return 0; }"
} >many.c
"$CC" -g -O1 -fno-builtin many.c -o many

record() {
    name=$1
    shift
    "$build/ouro" record -o "$name.ouro" -- "$@" >out </dev/null
}
(
    cd "$root"
    for sample in pair lost_list missing_release parent_ring; do
        record "$scratch/$sample" "$build/samples/$sample"
    done
    record "$scratch/lisp" "$build/samples/lisp" samples/lisp/letrec.lisp
    rm -f out
)
record nasty "./$nasty" "./lib$nasty.so" "$nasty"
record templates ./templates
record rare ./rare
record many ./many
record killed sh -c 'kill -9 $$' || true

failed=0

# valid FILE...
valid() {
    python3 "$here/valid.py" "$root" "$@" || failed=1
    for file in "$@"; do
        case $file in
        *.junit)
            xmllint --noout --schema "$here/junit.xsd" "$file" 2>xmllint.out || {
                cat xmllint.out
                failed=1
            }
            ;;
        esac
    done
}

[ $# -gt 0 ] || set -- *.ouro
for recording in "$@"; do
    name=$(basename "$recording" .ouro)
    export GITHUB_STEP_SUMMARY="$scratch/$name.summary"
    for format in json sarif junit github markdown; do
        "$build/ouro" report --all --format=$format --source-root="$root" "$recording" >"$name.$format"
        case $name in
        nasty | many)
            "$build/ouro" report --all --format=$format --source-root="$root" "$recording" >again
            cmp "$name.$format" again || failed=1
            ;;
        esac
    done
done
valid ./*.json ./*.sarif ./*.junit ./*.github ./*.markdown ./*.summary

[ -f many.github ] || exit "$failed"

# What the gate says of them: pair is known, what missing_release shows is fixed,
# the others are new.
"$build/ouro" gate --baseline=baseline --write-baseline pair.ouro missing_release.ouro >out
for format in sarif junit github markdown; do
    status=0
    (cd "$root" && "$build/ouro" gate --format=$format --baseline="$scratch/baseline" \
        "$scratch/pair.ouro" "$scratch/lost_list.ouro" "$scratch/nasty.ouro") >gate.$format || status=$?
    [ "$status" -eq 1 ] || { echo "gate, $format: status $status"; failed=1; }
done
valid gate.*
for said in 'sarif "baselineState": "new"' 'sarif "baselineState": "unchanged"' 'sarif "fixed":' \
    'junit message="new: leak of ' 'junit <skipped message="known: reference cycle' 'junit , fixed: ' \
    'github title=new%3A leak ' 'github ::notice .*title=known%3A cycle ' 'github ::notice title=fixed%3A ' \
    'markdown \*\*new\*\* | `leak' 'markdown | known | `cycle' 'markdown ^Fixed'; do
    grep -q -- "${said#* }" "gate.${said%% *}" || { echo "gate: no '$said'"; failed=1; }
done

# a stale register may still hold the last of them
n=$("$build/ouro" report --format=json many.ouro | jq '[.processes[].findings[] | select(.reach == "definite")] | length')
[ "$n" -gt 190 ] || { echo "$n of 200 leaks are found"; failed=1; }
grep -qx "ouro: $((n - 10)) more of kind error are not annotated (GitHub shows 10); the summary tells them" many.github ||
    { echo "what is not annotated is not said"; failed=1; }
grep -q '^Left out here, for want of room: 0 findings, and the details of [0-9]* more' many.markdown ||
    { echo "what is left out is not said: $(tail -n 1 many.markdown)"; failed=1; }
[ "$(grep -c '<details>' many.summary)" -eq "$((2 * n))" ] ||
    { echo "two reports, and the summary does not hold both whole"; failed=1; }
[ "$failed" -eq 0 ] && echo "formats: all accepted"
exit "$failed"
