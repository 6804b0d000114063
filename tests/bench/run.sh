#!/bin/sh
# run.sh BUILD - what it costs, as ratios in one run on one machine, to
# tests/bench/RESULTS.md.
#
#   RUNS=N                   runs of each tool (5)
#   OURO_BENCH_ONLY=TEXT     only rows whose name has TEXT in it; the results are
#                            then BUILD/bench/RESULTS.md, the others being absent
#   OURO_BENCH_LONG=0        without the run of 1e9 events (a trace of gigabytes)
#   GRAPH="OBJECTS EDGES"    for the collector
set -eu
build=$1
case $build in /*) ;; *) build=$PWD/$build ;; esac
here=$(cd "$(dirname "$0")" && pwd)
runs=${RUNS-5}
load=$(cut -d ' ' -f 1 /proc/loadavg)
when=$(date -u +%Y-%m-%d)
commit=$(git -C "$here" describe --always --dirty --abbrev=12 2>/dev/null || echo none)
mkdir -p "$build/bench"
cd "$build/bench"
figures=figures medians=medians
into=$here
[ -z "${OURO_BENCH_ONLY-}" ] || into=$PWD
: >"$figures"

. "$here/programs.sh"
. "$here/measure.sh"
. "$here/rows.sh"
. "$here/protocol.sh"
. "$here/collector.sh"
. "$here/growth.sh"
. "$here/results.sh"

programs
in_turn "$runs" start "native ouro heaptrack lsan" ./nothing
rows
protocol
collector
growth
awk -f "$here/medians.awk" "$figures" >"$medians"
results >RESULTS.part
mv RESULTS.part "$into/RESULTS.md"
sed -n '/^## Budgets/,/^## Recording/p' "$into/RESULTS.md" | sed '$d'
echo "bench: $into/RESULTS.md"
