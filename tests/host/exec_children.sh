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

# children off: neither our entry nor our variables, in no way to start one
cat >starts.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(void)
{
    const char *count = "./count";
    if (system(count) != 0) return 1;
    FILE *f = popen(count, "r");
    int c;
    while ((c = getc(f)) != EOF) putchar(c);
    pclose(f);
    printf("%s\n", getenv("OURO_DIR") ? "there" : "gone");
    fflush(stdout);
    execl(count, count, (char *)0);
    return 1;
}
C
"$CC" starts.c -o starts
# shellcheck disable=SC2016
printf '#!/bin/sh\nenv | grep -c "^OURO_\\|^LD_PRELOAD=.*libouro"; ./child_normal; echo "$LD_PRELOAD"\n' >count
chmod +x count
printf 'int theirs(void){return 1;}\n' >theirs.c
"$CC" -shared -fPIC theirs.c -o theirs.so
for theirs in "" "$PWD/theirs.so"; do
    rm -rf off.ouro
    LD_PRELOAD=$theirs "$OURO" record -o off.ouro --no-children -- ./starts >out || :
    expect "what the children see" "$(tr '\n' ' ' <out)" \
        "0 child  $theirs 0 child  $theirs gone 0 child  $theirs "
    expect "images" "$(find off.ouro -name '*.trace' | wc -l)" 1
done
