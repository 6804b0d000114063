#!/bin/sh
# Programs that cannot take the guest run under a traced shell as if it were
# not there; those that can are recorded, also from an empty environment.
. "$(dirname "$0")/../host_kit.sh"
cat >child.c <<'C'
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    const char *preload = getenv("LD_PRELOAD");
    char *p = malloc(10);
    printf("child %s\n", SHOW && preload ? preload : "");
    free(p);
    return 4;
}
C
# variant NAME COMPILER [FLAG...]: a child that shows its LD_PRELOAD
variant() {
    name=$1
    shift
    if "$@" -DSHOW=1 child.c -o "child_$name" 2>/dev/null; then
        printf '#!%s\n' "$PWD/child_$name" >"script_$name"
        chmod +x "script_$name"
        made="$made $name"
    else
        echo "no $name programs here" >&2
    fi
}
made=
variant static "$CC" -static
variant static_pie "$CC" -static-pie
variant musl musl-gcc
variant musl_static musl-gcc -static
variant m32 "$CC" -m32
variant asan "$CC" -fsanitize=address
variant lsan "$CC" -fsanitize=leak
variant tsan "$CC" -fsanitize=thread
variant static_asan "$CC" -fsanitize=address -static-libasan
variant clang_asan clang -fsanitize=address
if variant suid "$CC" && [ "$(id -u)" = 0 ]; then
    chown nobody child_suid && chmod u+s child_suid
else
    made=$(echo "$made" | sed 's/ suid//')
fi
"$CC" -DSHOW=0 child.c -o child_normal
cat >all.sh <<'SH'
for name in $made; do
    ./child_$name; echo "$name $?"
    ./script_$name; echo "$name by script $?"
    env -i ./child_$name; echo "$name, nothing in its environment $?"
    env -i LD_PRELOAD= ./child_$name; echo "$name, emptied $?"
    env ./child_$name; echo "$name from env $?"
    perl -e 'system {$ARGV[0]} @ARGV' ./child_$name; echo "$name from perl $?"
    (exec ./child_$name); echo "$name exec $?"
done
./child_normal
env -i ./child_normal
SH
export made
same sh all.sh
grep -q 'musl\|static' guest.out || fail "nothing was tried: $(cat guest.out)"
expect "recorded children" "$(ask '[.processes[] | select(.exe | endswith("child_normal"))] | length')" 2
expect "recorded others" "$(ask '[.processes[] | select(.exe | test("child_") and (endswith("child_normal") | not))] | length')" 0

# children off: neither our entry nor our variables
"$OURO" record -o off.ouro --no-children -- sh -c 'env | grep -c "^OURO_\|^LD_PRELOAD"; ./child_normal; :' >out
expect "variables left" "$(head -1 out)" 0
expect "images" "$(find off.ouro -name '*.trace' | wc -l)" 1
