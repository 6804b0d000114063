#!/bin/sh
# run_cli.sh BUILD [CASE...] - what the tool prints and returns, word for word
#
# tests/cli/CASE/cmd is a shell script; it runs in a fresh directory with OURO,
# BUILD, SAMPLES and CASE (its own directory) in the environment. Its output,
# standard error too, must be `out`, and its exit status what `exit` says (0
# where there is no such file). Paths that change from run to run are written
# as $PWD, $BUILD, $CASE. Status 77: skipped, the last line says why.
# UPDATE=1 writes `out` and `exit` anew; the diff is reviewed like code.
set -u
BUILD=$(cd "$1" && pwd) || exit 2
shift
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(cd "$(mktemp -d)" && pwd -P) || exit 2
trap 'rm -rf "$scratch"' EXIT
OURO=$BUILD/ouro
SAMPLES=$BUILD/samples
LC_ALL=C.UTF-8
CC=${CC-gcc}
export OURO BUILD SAMPLES LC_ALL CC here
unset LD_PRELOAD
passed=0
failed=0
skipped=0

# run CASE: leaves $scratch/out and $code
run() {
    mkdir -p "$scratch/$1"
    (
        cd "$scratch/$1" || exit 99
        CASE=$here/cli/$1
        export CASE
        timeout 60 sh "$CASE/cmd" </dev/null
    ) >"$scratch/raw" 2>&1
    code=$?
    sed -e "s|$scratch/$1|\$PWD|g" -e "s|$BUILD|\$BUILD|g" \
        -e "s|$here/cli/$1|\$CASE|g" "$scratch/raw" >"$scratch/out"
}

update() {
    cp "$scratch/out" "$here/cli/$1/out"
    rm -f "$here/cli/$1/exit"
    [ "$code" -eq 0 ] || echo "$code" >"$here/cli/$1/exit"
}

judge() {
    wanted=0
    [ ! -f "$here/cli/$1/exit" ] || wanted=$(cat "$here/cli/$1/exit")
    if [ "$code" -eq 77 ]; then
        skipped=$((skipped + 1))
        echo "skip $1: $(tail -n 1 "$scratch/out")"
    elif [ "$code" = "$wanted" ] && cmp -s "$here/cli/$1/out" "$scratch/out"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $1: exit $code, expected $wanted"
        diff -u "$here/cli/$1/out" "$scratch/out" | tail -n +3
    fi
}

[ $# -gt 0 ] || set -- "$here"/cli/*/
for case in "$@"; do
    case=$(basename "$case")
    run "$case"
    if [ -n "${UPDATE-}" ] && [ "$code" -ne 77 ]; then
        update "$case"
    fi
    judge "$case"
done
printf 'cli: %d passed, %d skipped, %d failed\n' "$passed" "$skipped" "$failed"
[ "$failed" -eq 0 ]
