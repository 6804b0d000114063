#!/bin/sh
# Disks that are full, read-only, covered or gone, and places that are no place
# to write: the program does not notice, and the report says what is missing.
. "$(dirname "$0")/../host_kit.sh"
build order
build leaks
guest=$BUILD/libouro.so

# alone DIR PROGRAM: nothing but LD_PRELOAD, the output as ever
alone() {
    OURO_DIR=$1 LD_PRELOAD=$guest "./$2" >guest.out 2>guest.err || fail "$1: status $?: $(cat guest.err)"
    expect "$1: stderr" "$(cat guest.err)" ""
    ./"$2" | cmp - guest.out || fail "$1: $(cat guest.out)"
}

long=$(printf '%0300d' 0)
ln -s loop loop
: >file
mkdir shut
chmod 500 shut
for dir in "$PWD/$long" "$PWD/loop/r" "$PWD/file/r" "$PWD/shut/r" /dev/stdout /dev/tty /proc/1/r /sys/r . .. "$(printf '%05000d' 0)"; do
    rm -rf -- *.trace ../*.trace
    alone "$dir" leaks
done
rm -rf -- *.trace ../*.trace
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
    cp leaks "$guest" "$place" && chmod 755 "$place" "$place/leaks" "$place/libouro.so"
    (cd "$place" && setpriv --reuid=65534 --regid=65534 --clear-groups \
        env LD_PRELOAD="$place/libouro.so" ./leaks) >out 2>&1 || fail "a directory of another: status $?"
    expect "a directory of another" "$(cat out)" "lost 100"
    expect "what was left there" "$(cd "$place" && echo *)" "leaks libouro.so"
fi

# to the tool: a sentence and a status, before anything has run
for dir in "$PWD/file/r" /proc/r "$PWD/$long"; do
    status=0
    "$OURO" record -o "$dir" -- touch ran 2>err || status=$?
    expect "$dir: status" "$status" 2
    expect "$dir: lines" "$(wc -l <err)" 1
    [ ! -e ran ] || fail "$dir: the program ran"
done

{ [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; } || skip "neither root nor mounts: the mounted disks were left out"
cat >mounts.sh <<'MOUNTS'
set -eu
stop() {
    echo "$*"
    exit 1
}
# said NAME: what the report says of a recording that stopped
said() {
    "$OURO" report "$1/r" >report.txt 2>&1 || stop "$1: report: status $?"
    grep -qi 'no space\|stopped' report.txt || stop "$1: the report does not say why: $(cat report.txt)"
}
# on NAME: ./order with its recording there
on() {
    OURO_DIR=$PWD/$1/r LD_PRELOAD=$guest ./order >out 2>err || stop "$1: status $?"
    [ "$(cat out err)" = "done" ] || stop "$1: $(cat out err)"
}
mkdir -p ext4 tmpfs small ro covered
mount -t tmpfs -o size=300k none small
on small
said small
mount -t tmpfs -o size=2m none tmpfs
head -c 1800000 /dev/zero >tmpfs/others
on tmpfs
said tmpfs
mount -t tmpfs -o ro none ro
on ro
[ -z "$(ls ro)" ] || stop "something is on a read-only disk"
# the recording's directory goes out of sight while the program runs
cat >cover.sh <<'COVER'
./leaks
mount -t tmpfs none covered
./leaks
COVER
mkdir covered/r
OURO_DIR=$PWD/covered/r LD_PRELOAD=$guest sh cover.sh >out 2>err || stop "covered: status $?"
[ "$(sort -u out err)" = "lost 100" ] || stop "covered: $(cat out err)"
if command -v mkfs.ext4 >/dev/null && truncate -s 3M image && mkfs.ext4 -q -F -O ^has_journal image &&
    mount -o loop image ext4 2>/dev/null; then
    on ext4
    said ext4
    umount ext4
else
    echo "no loop mounts here"
fi
MOUNTS
export OURO guest
unshare -m sh mounts.sh >log.mounts 2>&1 || fail "$(tail -n 3 log.mounts)"
cat log.mounts
