#!/bin/sh
# quick.sh BUILD - a few rows in under two minutes: ends with 1 where heaptrack's
# overhead is fewer times ours than it should be. By hand, on a machine that has
# nothing else to do.
set -eu
build=$1
case $build in /*) ;; *) build=$PWD/$build ;; esac
here=$(cd "$(dirname "$0")" && pwd)
runs=${RUNS-3}
mkdir -p "$build/bench"
cd "$build/bench"
figures=quick.figures medians=quick.medians
: >"$figures"

. "$here/programs.sh"
. "$here/measure.sh"

# floor NAME TIMES COMMAND...: the floors are well below what RESULTS.md has, so
# that noise does not cross them
floor() {
    name=$1
    note "$name" floor "$2"
    note "$name" events 1
    shift 2
    in_turn "$runs" "$name" "native ouro heaptrack" "$@"
}

programs
in_turn "$runs" start "native ouro heaptrack" ./nothing
floor "depth 20" 3.5 ./depth 4000000 20
floor "depth 120" 3.5 ./depth 4000000 120
export PYTHONMALLOC=malloc # heaptrack does not follow an env before it
floor python3 2.5 /usr/bin/python3 "$here/dictionaries.py" 2

awk -f "$here/medians.awk" "$figures" >"$medians"
awk -f "$here/figures.awk" -f "$here/floors.awk" "$medians"
