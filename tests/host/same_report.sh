#!/bin/sh
# Twenty runs of one program give one report, wherever the loader put things and
# whichever thread was first, but for the process, its times and its peak, and
# the addresses of objects, which only JSON tells.
. "$(dirname "$0")/../host_kit.sh"
build same_report
[ "$(cat /proc/sys/kernel/randomize_va_space 2>/dev/null || echo 2)" != 0 ] ||
    echo "addresses are not random here" >&2
for i in $(seq 20); do
    guarded ./same_report || fail "status $?"
    [ $((i % 4)) = 1 ] && formats="text json" || formats=text
    for format in $formats; do
        "$OURO" report --format="$format" rec.ouro |
            sed -E -e 's/\(process [0-9]+/(process N/' \
                -e 's/[0-9]+\.[0-9]{6} s/T s/; s/at most [0-9,]+ bytes/at most M bytes/' \
                -e 's/"address": "0x[0-9a-f]+"/"address": A/' \
                -e 's/"(pid|seconds|started|time|stamp|peak_bytes|ppid|ages)": *[-0-9.e+"TZ:]+/"\1": N/g' >"$format.$i"
    done
    [ -s "text.$i" ] || fail "no report"
    for format in $formats; do
        cmp "$format.1" "$format.$i" || fail "run $i: $(diff "$format.1" "$format.$i" | head -20)"
    done
done
grep -q '^cycle ' text.1 || fail "the cycle is not told: $(cat text.1)"
expect "leaks" "$(ask '[.processes[0].findings[] | select(.stack[0].function // "" | startswith("lose")) | .blocks] | add')" 1200
