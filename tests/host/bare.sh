#!/bin/sh
# A program that is given next to nothing: no descriptors, memory, stack, /proc,
# /dev, /tmp, or anything that can be written. It runs as ever.
. "$(dirname "$0")/../host_kit.sh"
build order
build leaks
guest=$BUILD/libouro.so

# limited WHAT [PROGRAM]: under ulimit WHAT, as without us
limited() {
    program=${2-leaks}
    sh -c "ulimit $1 && exec ./$program" >plain.out 2>plain.err || {
        echo "alone, $program cannot do with ulimit $1"
        return
    }
    rm -rf rec.ouro
    OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest sh -c "ulimit $1 && exec ./$program" >guest.out 2>guest.err ||
        fail "ulimit $1: status $?: $(cat guest.err)"
    cmp plain.out guest.out || fail "ulimit $1: $(cat guest.out)"
    cmp plain.err guest.err || fail "ulimit $1: $(cat guest.err)"
    [ ! -d rec.ouro ] || "$OURO" report rec.ouro >report.txt 2>&1 || [ "$?" = 3 ] || fail "ulimit $1: report: $(cat report.txt)"
}
for n in 3 4 5; do limited "-n $n"; done
limited "-f 1" order
limited "-f 100" order
for n in 60000 100000; do limited "-v $n"; done
for n in 1024 4096 40000; do limited "-d $n"; done
test -n "$(ls rec.ouro/*.trace)" || fail "ulimit -d: no trace"
for n in 64 1024; do limited "-s $n"; done
limited "-l 0"
limited "-u 200"
limited "-c 0"

{ [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; } || skip "neither root nor mounts: limits only"
cat >without.sh <<'WITHOUT'
set -eu
program=$1
mount -t tmpfs none /proc
mount -t tmpfs none /dev
mount -t tmpfs -o ro none /tmp
[ ! -e /proc/self ] || exit 1
[ -z "${GUEST-}" ] || export LD_PRELOAD="$GUEST"
exec "$program" some words
WITHOUT
# the scratch directory may be under /tmp: work from another place
place=/var/tmp/ouro-bare.$$
mkdir "$place"
trap 'rm -rf "$place"' EXIT
cp leaks without.sh "$guest" "$place"
cd "$place" || exit
GUEST=$place/libouro.so OURO_DIR=$place/rec.ouro unshare -m sh ./without.sh "$place/leaks" >out 2>&1 || fail "without /proc: status $?: $(cat out)"
expect "without /proc and /dev" "$(cat out)" "lost 100"
expect "without /proc: who it was" "$(ask '.processes[0] | .exe, (.argv | join(" "))' rec.ouro | tr '\n' ' ')" "$place/leaks $place/leaks some words "
expect "without /proc: the leak's function" "$(ask '[.processes[0].findings[] | select(.bytes == 4800) | .stack[0].function] | join(" ")' rec.ouro)" lose
expect "without /proc: the leak" "$(ask '[.processes[0].findings[] | select(.bytes == 4800) | .blocks] | add' rec.ouro)" 100
GUEST=$place/libouro.so OURO_DIR=/tmp/rec.ouro unshare -m sh ./without.sh "$place/leaks" >out 2>&1 || fail "read-only: status $?: $(cat out)"
expect "nothing to write to" "$(cat out)" "lost 100"
