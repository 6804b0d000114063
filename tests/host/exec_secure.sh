#!/bin/sh
# Programs with file capabilities or a set-user-ID bit, started by a user for
# whom that means something: as without the guest, and not recorded.
. "$(dirname "$0")/../host_kit.sh"
[ "$(id -u)" = 0 ] || skip "not root"
command -v setpriv >/dev/null || skip "no setpriv"
command -v setcap >/dev/null || skip "no setcap"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
cp "$OURO" "$BUILD/libouro.so" "$place"
cat >"$place/child.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
int main(void) { free(malloc(10)); printf("%d %d\n", (int)getauxval(AT_SECURE), getenv("LD_PRELOAD") != 0); return 4; }
C
cd "$place" || exit
"$CC" child.c -o suid
cp suid sgid
cp suid capable
cp suid normal
chown 65533:65533 suid sgid
chmod 4755 suid
chmod 2755 sgid
setcap cap_net_raw+ep capable 2>/dev/null || skip "no file capabilities here"
mkdir out
chmod 777 out
cat >all.sh <<'SH'
for program in suid sgid capable; do
    ./$program; env -i ./$program; (exec ./$program)
    echo "$program $?"
done
SH
user() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
user sh all.sh >plain.out 2>plain.err
grep -q '^1 ' plain.out || skip "privileges are not given here"
OURO=$place/ouro
user "$OURO" record -o out/all.ouro -- sh all.sh >guest.out 2>guest.err || fail "status $?"
cmp plain.out guest.out || fail "stdout: $(diff plain.out guest.out)"
cmp plain.err guest.err || fail "stderr: $(cat guest.err)"
for program in suid sgid capable; do
    status=0
    user "$OURO" record -o out/no.ouro -- "./$program" 2>err || status=$?
    expect "$program: status" "$status" 2
    [ ! -e out/no.ouro ] || fail "$program: left something behind"
done
user "$OURO" record -o out/yes.ouro -- ./normal >out.txt || expect "normal: status" "$?" 4
expect "normal: images" "$(find out/yes.ouro -name '*.trace' | wc -l)" 1
# without new privileges the bits mean nothing, and root has all of them anyway
for program in suid sgid; do
    user setpriv --no-new-privs "$OURO" record -o "out/$program.ouro" -- "./$program" >out.txt || expect "$program: status" "$?" 4
    expect "$program without new privileges" "$(cat out.txt)" "0 1"
done
"$OURO" record -o out/root.ouro -- ./capable >out.txt || expect "root: status" "$?" 4
expect "capable, by root" "$(cat out.txt)" "0 1"
