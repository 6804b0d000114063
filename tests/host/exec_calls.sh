#!/bin/sh
# Every way to start a program, with every kind of environment: the host sees
# no difference, and every program that was started is recorded.
. "$(dirname "$0")/../host_kit.sh"
build exec_calls
build exec_target
unset LD_PRELOAD

images() { find rec.ouro -name '*.trace' | wc -l; }

same ./exec_calls
starts=$(grep -c ' arguments' guest.out)
# fexecve takes no NULL for an environment
expect "programs that were started" "$starts" 58
expect "images" "$(images)" 59

# through PATH, by the p variants; the others fail as ever
PATH=$PWD:$PATH same ./exec_calls exec_target
expect "found in PATH" "$(grep -c ' arguments' guest.out)" "$(($(images) - 1))"

# what cannot be started fails with the same errno
mkdir dir
echo 'exit 9' >text
printf '#!/nonexistent/interpreter\n' >lost
chmod +x text lost
: >plain
for target in ./absent ./dir ./plain ./lost ./text ./exec_calls/x ""; do
    same ./exec_calls "$target"
done
mkfifo fifo
chmod +x fifo
timeout 20 "$OURO" record -o fifo.ouro -- ./exec_calls ./fifo >out || fail "a FIFO: $?"

# five times itself
cat >again.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    char left[8];
    const int n = argc > 1 ? atoi(argv[1]) : 5;
    free(malloc(10));
    printf("%d left, pid is %s\n", n, argc > 2 && atoi(argv[2]) != getpid() ? "another" : "the same");
    fflush(stdout);
    if (n == 0) return 5;
    char pid[16];
    snprintf(left, sizeof left, "%d", n - 1);
    snprintf(pid, sizeof pid, "%d", getpid());
    execl("/proc/self/exe", argv[0], left, pid, (char *)0);
    return 1;
}
C
"$CC" again.c -o again
same ./again
expect "images of itself" "$(images)" 6

# the end of a vfork child is not its parent's
cat >vfork.c <<'C'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    free(malloc(10));
    if (vfork() == 0) {
        execl("/nonexistent", "x", (char *)0);
        _exit(127);
    }
    wait(NULL);
    free(malloc(20));
    return 6;
}
C
"$CC" vfork.c -o vfork
same ./vfork
expect "images" "$(images)" 1
expect "ends" "$("$OURO" dump rec.ouro | grep -c ' END how=')" 1
