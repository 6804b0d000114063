#!/bin/sh
# standstill.sh - what other threads do is seen the same each time a snapshot is
# taken: who allocates stands still with all that its registers held, who is
# blocked shows where, who only computes is said not to have been seen; and all
# of them go on as if nothing had been. Also under strace and gdb.
. "$(dirname "$0")/../host_kit.sh"
command -v python3 >/dev/null || skip "no python3"
build standstill

# look EXPRESSION: of the recording; `kind(x)` are the threads of that letter in
# each of its snapshots, SAID what the program printed
look() {
    PYTHONPATH=$host python3 - "$1" rec.ouro/*.trace <<'P'
import sys
import snapshots
every = [s for s in snapshots.read(sys.argv[2]) if s.begin["why"] == 2]
said = [l.split() for l in open("said") if l[1:2] == " "]
ids = {int(l[1]): (l[0], int(l[2], 16)) for l in said}
MARK = 0x5eed5eed5eed1234
def kind(x):
    return [t for s in every for t in s.threads
            if ids.get(t["os_thread"], " ")[0] == x]
def near(t):
    return ids[t["os_thread"]][1] - 65536 < t["sp"] < ids[t["os_thread"]][1] + 256
print(eval(sys.argv[1]))
P
}

# take TIMES KINDS: one program, its snapshots
take() {
    rm -rf rec.ouro
    OURO_DIR=rec.ouro LD_PRELOAD="$BUILD/libouro.so" ./standstill "$@" >said ||
        fail "$*: $? $(cat said)"
    tail -1 said | grep -qx 'wrong 0' || fail "$*: errno changed"
    expect "$*: snapshots" "$(look 'len(every)')" "$1"
    expect "$*: all of them whole, all threads listed" \
        "$(look 'all(s.end and not s.begin["flags"] & 2 for s in every)')" True
}

# Eight at once, on fewer processors: all wait, each time.
take 10 aaaaaaaa
expect "allocating" "$(look '{t["seen"] for t in kind("a")}, len(kind("a"))')" "({2}, 80)"
expect "where they stand" "$(look 'all(near(t) and t["sp"] == t["sure"] for t in kind("a"))')" True
expect "their numbers" "$(look 'all(len({t["thread"] for t in s.threads}) == 9 for s in every)')" True
expect "thread pointers" "$(look 'all(len({t["tp"] for t in s.threads}) == 9 and all(t["tp"] for t in s.threads) for s in every)')" True

# Each kind is seen as what it is, whatever the others do.
take 5 aasscnrrhmm
expect "allocating" "$(look '{t["seen"] for t in kind("a")}')" "{2}"
expect "sleeping" "$(look '{t["seen"] for t in kind("s") + kind("m")}')" "{3}"
expect "where they sleep" "$(look 'all(near(t) and t["sp"] == t["sure"] for t in kind("s") + kind("m"))')" True
expect "computing" "$(look '{t["seen"] for t in kind("c")}')" "{4}"
expect "where it was last" "$(look 'all(t["sp"] < t["sure"] and t["sure"] < ids[t["os_thread"]][1] + 256 for t in kind("c"))')" True
expect "computing, and never an event" "$(look '{(t["seen"], t["thread"], t["sp"]) for t in kind("n")}')" "{(5, 0, 0)}"
expect "a register of one that waits" "$(look 'all(MARK in t["registers"] for t in kind("r"))')" True
expect "seen, each once" "$(look '{(len(s.threads), len({t["os_thread"] for t in s.threads})) for s in every}')" "{(12, 12)}"

# Who is said to stand does: in the memory that is told it is still at its event.
take 20 iiii
expect "between events" "$(look '{s.word(ids[t["os_thread"]][1]) for s in every for t in s.threads if t["os_thread"] in ids and t["seen"] == 2}')" "{1}"

# Threads that come and go.
take 20 tttta
expect "allocating among them" "$(look '{t["seen"] for t in kind("a")}')" "{2}"
expect "seen somehow" "$(look 'all(t["seen"] in (1, 2, 3, 4, 5, 6) for s in every for t in s.threads)')" True
expect "neither a thread nor a stack twice" "$(look 'all(len(x) == len(set(x)) for s in every for x in
    ([t["os_thread"] for t in s.threads if t["seen"] != 6], [t["tp"] for t in s.threads if t["tp"]]))')" True
intact

# Nobody is traced for it: so it works where somebody is.
if command -v strace >/dev/null; then
    rm -rf rec.ouro
    OURO_DIR=rec.ouro strace -f -qq -o trace.txt -E LD_PRELOAD="$BUILD/libouro.so" \
        ./standstill 3 aaaas >said || fail "under strace: $?"
    expect "strace" "$(look '{t["seen"] for t in kind("a")}, {t["seen"] for t in kind("s")}')" "({2}, {3})"
fi
if command -v gdb >/dev/null; then
    rm -rf rec.ouro
    OURO_DIR=rec.ouro gdb -q -batch -ex "set exec-wrapper env LD_PRELOAD=$BUILD/libouro.so" \
        -ex "run 3 aaaas >said" ./standstill >gdb.out 2>&1 || fail "under gdb"
    expect "gdb" "$(look '{t["seen"] for t in kind("a")}, {t["seen"] for t in kind("s")}')" "({2}, {3})"
fi
