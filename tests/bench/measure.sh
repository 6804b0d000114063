#!/bin/sh
# measure.sh - sourced: runs commands under each tool in turn, and notes figures
#
# A figure is a line "ROW<tab>KEY<tab>VALUE" of $figures; everything that is
# told is made of those (medians.awk, tables.awk, budgets.awk). Keys:
#   wall.TOOL cpu.TOOL kib.TOOL  one run: seconds, seconds, largest resident set
#   fails.TOOL                   the program did not end as it does natively
#   events bytes.WHAT            of the recording
#   wall.WHAT cpu.WHAT kib.WHAT  of an analysis: report, interpret, print
# Wants $build $here $figures $runs; runs in the work directory.
: "${build:?}" "${figures:?}" "${runs:?}"

liblsan=liblsan.so.0
heaptrack_bin=$(dirname "$(readlink -f "$(command -v heaptrack)")")
interpret=$heaptrack_bin/../lib/heaptrack/libexec/heaptrack_interpret

note() {
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$figures"
}

# under TOOL COMMAND...: timed's line; what is said is in the file "said", a
# recording in r.ouro or h.raw.zst
under() {
    tool=$1
    shift
    case $tool in
    native | native_short | report | interpret | print) ./timed said "$@" ;;
    ouro | nosnap | alloc)
        rm -rf r.ouro
        case $tool in
        ouro) set -- -- "$@" ;;
        nosnap) set -- --snapshot=none -- "$@" ;;
        alloc) set -- --stacks=alloc -- "$@" ;;
        esac
        ./timed said "$build/ouro" record -o r.ouro "$@"
        ;;
    heaptrack)
        rm -f h.raw.*
        ./timed said heaptrack -r -o h "$@"
        ;;
    lsan) ./timed said env LD_PRELOAD=$liblsan "$@" ;;
    valgrind) ./timed said valgrind --leak-check=full "$@" ;;
    esac
}

# ended_well TOOL STATUS: LSan's own status is 23, for leaks and for its crashes
ended_well() {
    [ "$2" = 0 ] || { [ "$1 $2" = "lsan 23" ] &&
        ! grep -qE 'DEADLYSIGNAL|CHECK failed|fatal error' said; }
}

# once ROW TOOL COMMAND...: one figure each; false where it failed
once() {
    row=$1
    tool=$2
    shift 2
    # shellcheck disable=SC2046  # four numbers
    set -- $(under "$tool" "$@" </dev/null)
    if ended_well "$tool" "$4"; then
        note "$row" "wall.$tool" "$1"
        note "$row" "cpu.$tool" "$2"
        note "$row" "kib.$tool" "$3"
        [ "$tool" != nosnap ] || cat r.ouro/*.trace | bytes "$row" nosnap
        return
    fi
    case $tool in
    lsan | heaptrack | valgrind | interpret | print) note "$row" "fails.$tool" 1 ;;
    *)
        echo "bench: $row, $tool: exit status $4; it said:" >&2
        tail -n 5 said >&2
        exit 1
        ;;
    esac
    return 1
}

# in_turn TIMES ROW TOOLS COMMAND...: each tool once, then again, so many times; whoever
# crashes is left out from then on
in_turn() {
    times=$1
    turn_row=$2
    tools=$3
    shift 3
    for _ in $(seq "$times"); do
        well=
        for t in $tools; do
            if once "$turn_row" "$t" "$@"; then
                well="$well $t"
            fi
        done
        tools=$well
    done
}

# bytes ROW WHAT: as many as there are on standard input
bytes() {
    note "$1" "bytes.$2" "$(wc -c)"
}

# analyse_ours ROW: what is in r.ouro
analyse_ours() {
    for _ in $(seq $((runs < 3 ? runs : 3))); do
        once "$1" report "$build/ouro" report r.ouro
    done
    note "$1" events "$("$build/ouro" report --format=json r.ouro |
        jq '[.processes[].summary.events] | add')"
    cat r.ouro/*.trace | bytes "$1" ouro
    if "$build/ouro" pack --help >/dev/null 2>&1; then
        rm -f r.pack
        "$build/ouro" pack --no-debug r.ouro -o r.pack >said 2>&1
        note "$1" bytes.pack "$(sed -n 's/^ *events \([0-9]*\),.*/\1/p' said)"
    fi
}

# analyse_peer ROW: what is in h.raw.zst
analyse_peer() {
    [ -s h.raw.zst ] || return 0
    zstd -dcq h.raw.zst | bytes "$1" heaptrack
    bytes "$1" heaptrack_zst <h.raw.zst
    once "$1" interpret sh -c "zstd -dcq h.raw.zst | { '$interpret' || : >aborted; } |
        zstd -qc >h.zst; ! rm aborted 2>/dev/null" || return 0
    once "$1" print heaptrack_print -f h.zst || return 0
    bytes "$1" interpreted <h.zst
    rm -f h.raw.zst h.zst
}
