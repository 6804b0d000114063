#!/bin/sh
# Every shape of what is lost is one finding with all that it retains, and the
# same shape that a global holds is none: beside what Valgrind and the LSan
# preload say of the same programs.
#
# Ours, by finding: shape reach blocks/retained/shared. Theirs, in blocks: lost
# directly, indirectly, possibly. Where they differ:
#   A ring that nothing holds has no direct leak for LSan; Valgrind takes one of
#   its blocks for the leader of the others. Here it is one finding.
#   What two heads hold is shared; theirs is an indirect leak of either.
#   LSan takes a pointer into a block for one to it: it has no "possible".
. "$(dirname "$0")/../host_kit.sh"
build shapes

table() {
    cat <<'END'
single           lost | single definite 1/1/0                           | 1 0 0 | 1 0 0
single           held | single reachable 1/1/0                          | 0 0 0 | 0 0 0
list             lost | single definite 1/10/0                          | 1 9 0 | 1 9 0
list             held | single reachable 10/10/0                        | 0 0 0 | 0 0 0
tree             lost | single definite 1/15/0                          | 1 14 0 | 1 14 0
tree             held | single reachable 15/15/0                        | 0 0 0 | 0 0 0
ring             lost | ring definite 5/5/0                             | 1 4 0 | 0 5 0
ring             held | single reachable 5/5/0                          | 0 0 0 | 0 0 0
rings            lost | ring definite 3/15/0                            | 1 14 0 | 0 15 0
rings            held | single reachable 15/15/0                        | 0 0 0 | 0 0 0
rings_that_share lost | ring definite 4/4/3                             | 2 5 0 | 0 7 0
rings_that_share held | ring definite 2/2/0                             | 1 1 0 | 0 2 0
heads            lost | single definite 2/2/3                           | 2 3 0 | 2 3 0
heads            held | single definite 1/1/0, single reachable 3/3/0   | 1 0 0 | 1 0 0
lasso            lost | single definite 1/7/0                           | 1 6 0 | 1 6 0
lasso            held | single reachable 3/3/0, single reachable 4/4/0  | 0 0 0 | 0 0 0
ring_inside      lost | ring definite 3/3/0                             | 1 2 0 | 0 3 0
ring_inside      held | ring possible 3/3/0                             | 0 0 3 | 0 0 0
links_inside     lost | ring definite 2/2/0                             | 1 1 0 | 0 2 0
links_inside     held | single possible 1/1/0                           | 0 0 1 | 0 0 0
short_string     lost | single definite 1/1/0                           | 1 0 0 | 1 0 0
short_string     held | single reachable 1/1/0                          | 0 0 0 | 0 0 0
long_string      lost | single definite 1/2/0                           | 1 1 0 | 1 1 0
long_string      held | single reachable 1/1/0, single reachable 1/1/0  | 0 0 0 | 0 0 0
string_itself    lost | single definite 1/2/0                           | 1 1 0 | 1 1 0
string_itself    held | single reachable 1/1/0, single reachable 1/1/0  | 0 0 0 | 0 0 0
map              lost | ring definite 6/6/0                             | 1 5 0 | 0 6 0
map              held | single reachable 1/1/0, single reachable 5/5/0  | 0 0 0 | 0 0 0
std_list         lost | ring definite 6/6/0                             | 1 5 0 | 0 6 0
std_list         held | single reachable 1/1/0, single reachable 5/5/0  | 0 0 0 | 0 0 0
std_list_inside  lost | ring definite 6/6/0                             | 1 5 0 | 0 6 0
std_list_inside  held | single reachable 1/1/0, single reachable 5/5/0  | 0 0 0 | 0 0 0
vector           lost | single definite 1/4/0                           | 1 3 0 | 1 3 0
vector           held | single reachable 1/1/0, single reachable 1/1/0, single reachable 2/2/0 | 0 0 0 | 0 0 0
array            lost | single definite 1/1/0                           | 1 0 0 | 1 0 0
array            held | single reachable 1/1/0                          | 0 0 0 | 0 0 0
second_base      lost | single definite 1/1/0                           | 1 0 0 | 1 0 0
second_base      held | single reachable 1/1/0                          | 0 0 0 | 0 0 0
length           lost | single definite 1/1/0                           | 1 0 0 | 1 0 0
length           held | single reachable 1/1/0                          | 0 0 0 | 0 0 0
old_string       lost | single definite 1/1/0                           | 1 0 0 | 1 0 0
old_string       held | single reachable 1/1/0                          | 0 0 0 | 0 0 0
inside           lost | single definite 1/1/0                           | 1 0 0 | 1 0 0
inside           held | single possible 1/1/0                           | 0 0 1 | 0 0 0
END
}

# ours SHAPE HOW: its findings
ours() {
    rm -rf shape.ouro
    "$OURO" record -o shape.ouro -- ./shapes "$1" "$2" || fail "$*: status $?"
    "$OURO" report --show=all --format=json shape.ouro >ours.json || true
    jq -r '[.processes[0].findings[]
        | select(any(.stack[].function; startswith("make_")))
        | (if .kind == "leak" then "" else .kind + " " end)
          + "\(.shape) \(.reach) \(.blocks)/\(.retained_blocks)/"
          + "\([.shared[].blocks] | add // 0)"] | sort | join(", ")' ours.json
}

# of_peer FILE: blocks lost directly, indirectly, possibly
of_peer() {
    awk '
        / in loss record / {
            kind = /definitely/ ? 1 : /indirectly/ ? 2 : /possibly/ ? 3 : 4
            n = $0
            sub(/ blocks? are .*/, "", n)
            sub(/.* in /, "", n)
        }
        /^(Direct|Indirect) leak of / {
            kind = /^Direct/ ? 1 : 2
            n = $0
            sub(/ object\(s\).*/, "", n)
            sub(/.* in /, "", n)
        }
        / make_/ && kind { of[kind] += n; kind = 0 }
        END { print of[1] + 0, of[2] + 0, of[3] + 0 }' "$1"
}

of_valgrind() {
    valgrind --leak-check=full --show-leak-kinds=all ./shapes "$1" "$2" \
        2>report.txt || fail "valgrind $*: $(tail -3 report.txt)"
    of_peer report.txt
}

lsan=/usr/lib/x86_64-linux-gnu/liblsan.so.0
of_lsan() {
    LSAN_OPTIONS=exitcode=0:fast_unwind_on_malloc=0 LD_PRELOAD=$lsan \
        ./shapes "$1" "$2" 2>report.txt || fail "lsan $*: $(tail -3 report.txt)"
    of_peer report.txt
}

# compare WHO COLUMN COMMAND: what COMMAND SHAPE HOW says is that column's
compare() {
    table | while IFS='|' read -r which one two three; do
        case $2 in
        1) wanted=$one ;;
        2) wanted=$two ;;
        *) wanted=$three ;;
        esac
        # shellcheck disable=SC2086 # words
        got=$("$3" $which)
        wanted=$(echo "$wanted" | sed 's/^ *//; s/ *$//')
        [ "$got" = "$wanted" ] || echo "$1: $which: $got, expected $wanted"
    done
}

{
    compare ours 1 ours
    if command -v valgrind >/dev/null; then compare valgrind 2 of_valgrind; fi
    if [ -e "$lsan" ]; then compare lsan 3 of_lsan; fi
} >wrong
[ ! -s wrong ] || fail "$(cat wrong)"
