#!/bin/sh
# A guest whose path the loader would split; preloads of others; a recording in
# a place with an odd name; two runs one in the other.
. "$(dirname "$0")/../host_kit.sh"
# shellcheck disable=SC2016
odd='a b:c $LIB'
mkdir -p "$odd/bin" "$odd/lib/ouro" "$odd/flat"
cp "$OURO" "$odd/bin/ouro"
cp "$BUILD/libouro.so" "$odd/lib/ouro/libouro.so"
cp "$OURO" "$BUILD/libouro.so" "$odd/flat/"
before=$(ls -d /tmp/ouro.* 2>/dev/null || :)
for tool in "$odd/bin/ouro" "$odd/flat/ouro"; do
    rm -rf "$odd/rec.ouro"
    "$tool" record -o "$odd/rec.ouro" -- sh -c '/bin/true; exit 6' >out 2>err && fail "status 0"
    expect "status" "$?" 6
    expect "stderr" "$(cat err)" ""
    expect "images" "$(find "$odd/rec.ouro" -name '*.trace' | wc -l)" 2
done
expect "links left behind" "$(ls -d /tmp/ouro.* 2>/dev/null || :)" "$before"

# the user's own entries stay, in their order, behind ours
for lib in one two; do
    printf 'int lib_%s(void){return 1;}\n' $lib >$lib.c
    "$CC" -shared -fPIC $lib.c -o lib$lib.so
done
# shellcheck disable=SC2016
LD_PRELOAD="$PWD/libone.so $PWD/libtwo.so" "$OURO" record -o user.ouro -- \
    sh -c 'echo "$LD_PRELOAD"; LD_PRELOAD="$LD_PRELOAD" env | grep ^LD_PRELOAD; LD_PRELOAD=./libtwo.so env | grep ^LD_PRELOAD' >out
expect "with the user's" "$(sed -n 1p out)" "$BUILD/libouro.so:$PWD/libone.so $PWD/libtwo.so"
expect "passed on" "$(sed -n 2p out)" "LD_PRELOAD=$BUILD/libouro.so:$PWD/libone.so $PWD/libtwo.so"
expect "replaced by the program" "$(sed -n 3p out)" "LD_PRELOAD=$BUILD/libouro.so:./libtwo.so"
LD_PRELOAD=$PWD/libone.so "$OURO" record -o off.ouro --no-children -- sh -c 'env | grep ^LD_PRELOAD' >out
expect "children off" "$(cat out)" "LD_PRELOAD=$PWD/libone.so"
for wrapper in "stdbuf -o0" fakeroot eatmydata; do
    command -v "${wrapper%% *}" >/dev/null || continue
    # shellcheck disable=SC2086
    same $wrapper sh -c 'echo "$$" >/dev/null; ls -d /; id -u'
done

# without the tool, by relative paths: what is started elsewhere is not lost
mkdir elsewhere
cp "$BUILD/libouro.so" libouro.so
LD_PRELOAD=./libouro.so OURO_DIR=near.ouro sh -c 'cd elsewhere; /bin/true; env -i /bin/true; :' 2>err
expect "stderr" "$(cat err)" ""
expect "images" "$(find near.ouro -name '*.trace' | wc -l)" 4
expect "elsewhere" "$(ls elsewhere)" ""

# a tool under the tool: each records its own
"$OURO" record -o outer.ouro -- "$OURO" record -o inner.ouro -- sh -c 'env -i /bin/true; :'
expect "images of the inner run" "$(find inner.ouro -name '*.trace' | wc -l)" 3
expect "images of the outer run" "$(find outer.ouro -name '*.trace' | wc -l)" 1

# a root without the guest in it: no complaint of the loader
if [ "$(id -u)" = 0 ]; then
    mkdir -p root/bin
    "$CC" -x c -o root/bin/still - <<'C'
#include <stdio.h>
int main(void) { puts("still here"); return 0; }
C
    ldd root/bin/still | grep -o '/[^ ]*' | while read -r lib; do
        mkdir -p "root/${lib%/*}"
        cp "$lib" "root/$lib"
    done
    same chroot root /bin/still
    expect "output" "$(cat guest.out)" "still here"
fi
