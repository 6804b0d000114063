#!/bin/sh
# snapshot_hosts.sh - a snapshot is whole, and the program does not notice it: a
# handler for SIGCHLD and waitpid(-1), errno, descriptors, signals; $(program),
# init of a namespace; 100 threads, a fork; memory that is no copy's, reserved
# and never touched, cut off behind our back; limits on files, no /proc
. "$(dirname "$0")/../host_kit.sh"
command -v python3 >/dev/null || skip "no python3"
guest=$BUILD/libouro.so
build snapshot_hosts

look() {
    python3 "$host/snapshots.py" "$1" "$2"
}

# whole HOW [COMMAND...]: HOW under the guest; its last snapshot holds what it
# said
whole() {
    how=$1
    shift
    rm -rf rec.ouro
    OURO_ONLY=snapshot_hosts OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest "$@" ./snapshot_hosts "$how" >said 2>err ||
        fail "$how: status $?: $(cat err)"
    expect "$how: END" "$(look rec.ouro/*.trace 's.end is not None')" True
    expect "$how: words that differ" "$(look rec.ouro/*.trace \
        '[l for l in open("said") if s.word(int(l.split()[0])) != int(l.split()[1])]')" "[]"
}

for how in children untouched; do
    ./snapshot_hosts $how >plain 2>&1
    rm -rf rec.ouro
    OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest ./snapshot_hosts $how >hosted 2>&1
    cmp plain hosted || fail "$how: $(diff plain hosted)"
    for t in rec.ouro/*.trace; do
        expect "$how: whole snapshots in $t" "$(look "$t" 'len([s for s in all if s.end]) == len(all)')" True
    done
done
expect "a copy takes it where there are threads" "$(look rec.ouro/*.trace 's.begin["flags"] & 1')" 0

whole memories
whole memories_of_threads
whole threads
export OURO_IO=buffered
whole threads
unset OURO_IO

rm -rf rec.ouro
OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest ./snapshot_hosts fork >said || fail "fork: status $?"
expect "snapshots of a fork's images" "$(find rec.ouro -name '*.trace' | wc -l)" 2
for t in rec.ouro/*.trace; do
    expect "$t: END" "$(look "$t" 's.end is not None')" True
done
said=$(OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest ./snapshot_hosts untouched)
expect "output in time" "$said" "$(cat plain)"

# Where it does not fit it ends, and the program does not.
for blocks in 20 40 90; do
    rm -rf rec.ouro
    (
        ulimit -f $blocks
        OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest ./snapshot_hosts threads
    ) >said 2>err || fail "ulimit -f $blocks: status $?: $(cat err)"
done
rm -rf rec.ouro
OURO_MAX_SIZE=40000 OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest ./snapshot_hosts memories >said || fail "a small file: status $?"
expect "END of what does not fit" "$(look rec.ouro/*.trace 's is None or s.end is None')" True
OURO_DIR=$PWD/rec.ouro "$OURO" report rec.ouro >/dev/null || true

if unshare -rfp --mount-proc true 2>/dev/null; then
    whole threads unshare -rfp --mount-proc
    rm -rf rec.ouro
    OURO_DIR=$PWD/rec.ouro unshare -rm sh -c "mount -t tmpfs none /proc && LD_PRELOAD=$guest exec ./snapshot_hosts memories" >said ||
        fail "no /proc: status $?"
    expect "no /proc: no END" "$(look rec.ouro/*.trace 's is None or s.end is None')" True
fi
