#!/bin/sh
# run.sh BUILD - every format of the report is what its readers accept, whatever
# the names in it, and the same from run to run
set -eu
build=$(cd "$1" && pwd)
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
"$CC" -g -O1 -fno-builtin -I"$root/include" -c "$root/tests/host/nasty_names.c" -o n.o
objcopy --redefine-sym "named_later=$(printf 'esc\033[2J\r\n::error::"<b>|`](http://x)@everyone\377\302\233')" n.o
"$CC" n.o -o "$nasty"
printf '#include <stdlib.h>\nvoid *lose_there(size_t n){void *p=malloc(n);__asm__ volatile(""::"r"(p));return p;}\n' >"l](x)|.c"
"$CC" -g -O1 -fPIC -shared -fno-builtin "l](x)|.c" -o "lib$nasty.so"
"$CXX" -g -O1 "$here/templates.cpp" -o templates

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
record killed sh -c 'kill -9 $$' || true

failed=0
for recording in *.ouro; do
    for format in sarif junit; do
        file=$(basename "$recording" .ouro).$format
        "$build/ouro" report --all --format=$format --source-root="$root" "$recording" >"$file"
        "$build/ouro" report --all --format=$format --source-root="$root" "$recording" >again
        cmp "$file" again || failed=1
        [ $format != junit ] || xmllint --noout --schema "$here/junit.xsd" "$file" 2>xmllint.out || {
            cat xmllint.out
            failed=1
        }
        python3 "$here/valid.py" "$format" "$file" || failed=1
    done
done
[ "$failed" -eq 0 ] && echo "formats: all accepted"
exit "$failed"
