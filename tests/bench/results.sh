#!/bin/sh
# results.sh - sourced: RESULTS.md and its plots, from $medians into $into
: "${here:?}" "${runs:?}" "${load:?}" "${when:?}" "${commit:?}" "${into:?}" "${medians:?}"

table() {
    awk -f "$here/figures.awk" -f "$here/tables.awk" -v table="$1" "$medians"
}

machine() {
    cpu=$(lscpu | sed -n 's/^Model name: *//p' | head -n 1)
    libc=$(ldd --version 2>/dev/null | sed -n 1p)
    cat <<END
| | |
|---|---|
| machine | $(nproc) cores of $cpu, $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo) |
| system | $(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r), $libc |
| compiler | $(cc --version | sed -n 1p) |
| peers | $(heaptrack --version), LSan of $(dpkg-query -W -f '${Package} ${Version}' liblsan0), $(valgrind --version) |
| date, commit | $when, $commit |
| runs | $runs of each tool in turn, medians; load average $load before the first, $(cut -d ' ' -f 1 /proc/loadavg) after the last |
END
}

# series NAME AXIS PLAIN WHY: its plot, and what is seen there; PLAIN is 1 for an
# axis that is not logarithmic
series() {
    data=growth-$1.dat
    awk -f "$here/figures.awk" -f "$here/series.awk" -v series="$1" \
        -v cores="$(nproc)" "$medians" >"$data"
    [ -s "$data" ] || return 0
    gnuplot -e "data='$data'; out='$into/growth-$1.svg'; what='$2'; plain=$3" \
        "$here/plot.gp"
    printf '\n![%s](growth-%s.svg)\n\n' "$2" "$1"
    awk -v what="$2" '
        NR == 1 { least = most = $2; first = $1 }
        { last = $1 }
        $2 < least { least = $2 }
        $2 > most { most = $2 }
        END { printf "From %d to %d %s: %.0f to %.0f ns an event. ", first, last, what, least, most }' "$data"
    printf '%s\n\n' "$4"
    awk -f "$here/figures.awk" -f "$here/series.awk" -v series="$1" -v as=table \
        -v cores="$(nproc)" "$medians"
}

. "$here/growth_notes.sh"

start_of() {
    awk -F '\t' -v key="wall.$1" '
        $1 == "start" && $2 == "wall.native" { native = $3 }
        $1 == "start" && $2 == key { tool = $3 }
        END { printf "%.0f", (tool - native) * 1000 }' "$medians"
}

results() {
    cat <<END
# What it costs

Written by \`make bench\`; not by hand. Every figure is of one run of it on one
machine, against peers in the same minutes.

$(machine)

## Budgets

$(awk -f "$here/figures.awk" -f "$here/budgets.awk" "$medians")

## Recording

Nanoseconds of wall clock an event (an allocation, a free, a reference that was
announced) over the program by itself. The start of the tool is not in them, but
in the ratios below: ouro $(start_of ouro) ms, heaptrack $(start_of heaptrack) ms (a shell script, a pipe and
a compressor), LSan $(start_of lsan) ms. Its end is: ouro looks at memory when the program
exits, which costs the more the larger the heap; *without snapshot* it does not
(\`--snapshot=none\`). heaptrack is \`heaptrack -r\`, whose compressor has the second
core to itself while one thread is measured; it keeps at most 64 frames of a stack,
LSan follows frame pointers and ends where there are none. Both look at no event
of a reference. *Crashes*: the program does not reach its end under that tool.

$(table overhead)

Wall clock over native, with start and end, as somebody at the terminal sees it.
Valgrind runs once, on an input of its own, a fraction of the other, and against
native on the same. What other programs on the machine did shows in how far single runs
were from their median (*least to most*), and in what the same ratio is *of the
least* of each tool's runs, which they disturb less.

$(table ratios)

## Memory and traces

Largest resident set, and bytes of the recording for each event: of events alone
(\`--snapshot=none\`, for real programs), with what the snapshot at the end adds,
and as \`ouro pack\` writes the events (as \`--no-debug\`). heaptrack's own
trace goes through a compressor as it is written (*raw.zst*); *interpreted* is what
its users keep.

$(table space)

What the guest adds with many threads at a time (of which the pages of the trace
that are mapped are a part):

$(table guest)

## Analysis

From the recording to the leak report (\`ouro report\`, medians of up to three; $(nproc)
cores), and heaptrack's way from its raw trace to its text (once).

$(table analysis)

$(table long)

## Announced references

At a depth of 20, from functions that vary, the least of the runs: over the empty
call, and over the program without the guest. The Lisp interpreter announces each
reference it takes.

$(table protocol)

## The collector

$(table graph)

## How the cost of an event grows

The programs time themselves here: neither start nor exit is in these.
$(growth_series)
END
}
