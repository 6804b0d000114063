#!/bin/sh
# Every kind of root times every kind of pointer: what is reachable, possible,
# definite; beside what Valgrind and the LSan preload say of the same programs.
#
# Where they differ:
#   LSan takes a pointer into a block for one to it: it has no "possible".
#   LSan looks into no pages that the program mapped itself.
#   A thread that sleeps in the system shows us no registers (no ptrace): what it
#   asked for last is possible where others say definite, or find an old word.
. "$(dirname "$0")/../host_kit.sh"
build reach_cells
"$CC" -g -O1 -shared -fPIC "$host/reach_cells_tls.c" -o reach_cells_tls.so

# ours ROOT: reach of start, interior, misaligned, none
ours() {
    rm -rf r.ouro
    "$OURO" record -o r.ouro -- ./reach_cells "$1" ./reach_cells_tls.so ||
        fail "$1: status $?"
    "$OURO" report --show=all --format=json r.ouro >ours.json
    for name in start interior misaligned none; do
        jq -r "[.processes[0].findings[] | select(.kind == \"leak\" and
            .stack[0].function == \"$name\") | .reach] |
            if length == 1 then .[0] else \"?\" end" ours.json
    done | tr '\n' ' '
}

rows() { # WHO: lines of ROOT and four words, from the table below
    awk -v who="$1" '$1 == who { print $2, $3, $4, $5, $6 }' <<'END'
ours     bss      reachable possible  definite definite
ours     data     reachable possible  definite definite
ours     main     reachable possible  definite definite
ours     sleeper  reachable possible  possible possible
ours     returned definite  definite  definite definite
ours     ended    definite  definite  definite definite
ours     tls      reachable possible  definite definite
ours     dtls     reachable possible  definite definite
ours     key      reachable possible  definite definite
ours     pages    reachable possible  definite definite
ours     block    reachable possible  definite definite
ours     free     definite  definite  definite definite
valgrind bss      reachable possible  definite definite
valgrind data     reachable possible  definite definite
valgrind main     reachable possible  definite definite
valgrind returned definite  definite  definite definite
valgrind ended    definite  definite  definite definite
valgrind tls      reachable possible  definite definite
valgrind dtls     reachable possible  definite definite
valgrind key      reachable possible  definite definite
valgrind pages    reachable possible  definite definite
valgrind block    reachable possible  definite definite
valgrind free     definite  definite  definite definite
lsan     bss      reachable reachable definite definite
lsan     data     reachable reachable definite definite
lsan     main     reachable reachable definite definite
lsan     returned definite  definite  definite definite
lsan     ended    definite  definite  definite definite
lsan     tls      reachable reachable definite definite
lsan     dtls     reachable reachable definite definite
lsan     key      reachable reachable definite definite
lsan     pages    definite  definite  definite definite
lsan     block    reachable reachable definite definite
lsan     free     definite  definite  definite definite
END
}

# compare WHO COMMAND...: COMMAND ROOT gives the four words
compare() {
    who=$1
    shift
    rows "$who" | while read -r root wanted; do
        got=$("$@" "$root" | sed 's/ *$//')
        [ "$got" = "$wanted" ] || echo "$who: $root: $got, expected $wanted"
    done
}

# of NAME: what a peer's report says, one word for each name
of_peer() {
    for name in start interior misaligned none; do
        awk -v name="$name" '
            / in loss record / {
                kind = "reachable"
                if ($0 ~ /definitely/) kind = "definite"
                if ($0 ~ /possibly/) kind = "possible"
                if ($0 ~ /indirectly/) kind = "indirect"
            }
            /^Direct leak/ { kind = "definite" }
            /^Indirect leak/ { kind = "indirect" }
            $0 ~ "[ :]" name " [(/]" && kind { print kind; found = 1; exit }
            END { if (!found) print "reachable" }' "$1"
    done | tr '\n' ' '
}

of_valgrind() {
    valgrind --leak-check=full --show-leak-kinds=all --keep-debuginfo=yes \
        ./reach_cells "$1" ./reach_cells_tls.so 2>report.txt || fail "valgrind $1: $(tail -3 report.txt)"
    of_peer report.txt
}

lsan=/usr/lib/x86_64-linux-gnu/liblsan.so.0
of_lsan() {
    LSAN_OPTIONS=exitcode=0:fast_unwind_on_malloc=0 LD_PRELOAD=$lsan \
        ./reach_cells "$1" ./reach_cells_tls.so 2>report.txt || fail "lsan $1: $(tail -3 report.txt)"
    of_peer report.txt
}

{
    compare ours ours
    if command -v valgrind >/dev/null; then compare valgrind of_valgrind; fi
    if [ -e "$lsan" ]; then compare lsan of_lsan; fi
} >wrong
[ ! -s wrong ] || fail "$(cat wrong)"
