#!/bin/sh
# The tool is not there: exit status, signals, streams; several runs at once.
. "$(dirname "$0")/../host_kit.sh"

for code in 0 1 2 77 126 127 255; do
    status=0
    "$OURO" record -o "e$code.ouro" -- sh -c "exit $code" || status=$?
    expect "exit status" "$status" "$code"
    grep -qx "status exit:$code" "e$code.ouro/manifest" || fail "manifest of $code: $(cat "e$code.ouro/manifest")"
done
for pair in TERM:15 KILL:9 SEGV:11 INT:2 QUIT:3 HUP:1 ABRT:6 PIPE:13; do
    sig=${pair%:*}
    number=${pair#*:}
    status=0
    "$OURO" record -o "s$sig.ouro" -- sh -c "kill -$sig \$\$; sleep 5" || status=$?
    expect "killed by $sig" "$status" "$((128 + number))"
    grep -qx "status signal:$number" "s$sig.ouro/manifest" || fail "manifest of $sig"
done

# standard streams as they are, closed ones too
expect "a pipe" "$(echo abc | "$OURO" record -o p.ouro -- cat)" abc
# (the guest's own two are high)
low='import os; print([fd for fd in map(int, os.listdir("/proc/self/fd")) if fd < 100])'
same python3 -c "$low"
"$OURO" record -o closed.ouro -- /bin/true <&- >&- 2>&- || fail "closed streams: $?"

# a file size limit is not the tool's death
status=0
sh -c 'ulimit -f 0; "$OURO" record -o limit.ouro -- sh -c "exit 5"' 2>/dev/null || status=$?
expect "status under a file size limit" "$status" 5

# wait for a file to be there
wait_for() {
    i=0
    until [ -e "$1" ]; do
        i=$((i + 1))
        [ $i -lt 200 ] || fail "$1 never came"
        sleep 0.05
    done
}

# SIGTERM and SIGHUP are passed on, SIGINT and SIGQUIT are the program's own
cat >signals.sh <<'SH'
trap 'echo term; exit 21' TERM
trap 'echo hup; exit 22' HUP
: >ready
i=0; while [ $i -lt 200 ]; do i=$((i + 1)); sleep 0.05; done
SH
for pair in TERM:21 HUP:22; do
    rm -f ready
    "$OURO" record -o "t${pair%:*}.ouro" -- sh signals.sh >out &
    tool=$!
    wait_for ready
    kill -INT $tool
    kill -QUIT $tool
    kill "-${pair%:*}" $tool
    status=0
    wait $tool || status=$?
    expect "passed on ${pair%:*}" "$status" "${pair#*:}"
done
# what the caller ignores stays ignored, what he does not, does not
cat >dispositions.py <<'PY'
import signal
print([int(signal.getsignal(s)) for s in (signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)], signal.pthread_sigmask(signal.SIG_BLOCK, []))
PY
same python3 dispositions.py
(trap '' HUP QUIT; same python3 dispositions.py) || fail "ignored signals"

# many at once in one directory: each has a recording of its own
mkdir many
for i in 1 2 3 4 5 6 7 8; do
    (cd many && "$OURO" record -- sh -c "sleep 0.3; exit $i" 2>"err$i" || echo $? >"status$i") &
done
wait
for i in 1 2 3 4 5 6 7 8; do
    expect "status of run $i" "$(cat many/status$i)" "$i"
    expect "recordings of run $i" "$(cat many/*/manifest | grep -cx "status exit:$i")" 1
done
expect "half-made directories" "$(find many -name 'ouro.out.ouro.??????' | wc -l)" 0

# one after another: the previous one is kept, the one before goes
mkdir turns
for i in 1 2 3; do
    (cd turns && "$OURO" record -- sh -c "exit $i") || :
done
grep -qx 'status exit:3' turns/ouro.out.ouro/manifest || fail "the newest"
grep -qx 'status exit:2' turns/ouro.out.ouro.old/manifest || fail "the previous"
expect "recordings" "$(find turns -mindepth 1 -maxdepth 1 | wc -l)" 2
# a killed tool leaves a program that still writes: it is not moved away
mkdir orphan
(cd orphan && exec "$OURO" record -- sh -c ': >ready; while [ ! -e stop ]; do sleep 0.05; done; : >stopped') &
tool=$!
wait_for orphan/ready
kill -KILL $tool
(cd orphan && "$OURO" record -- /bin/true 2>err)
grep -q 'ouro.out.2.ouro' orphan/err || fail "moved a live recording: $(cat orphan/err)"
: >orphan/stop
wait_for orphan/stopped

# nothing that is not ours is moved, removed or followed
mkdir theirs
echo precious >theirs/ouro.out.ouro
(cd theirs && "$OURO" record -- /bin/true 2>err)
expect "a file in the way" "$(cat theirs/ouro.out.ouro)" precious
mkdir linked elsewhere
: >elsewhere/manifest
ln -s ../elsewhere linked/ouro.out.ouro
(cd linked && "$OURO" record -- /bin/true 2>err)
[ -L linked/ouro.out.ouro ] || fail "moved a link"
[ -e elsewhere/manifest ] || fail "followed a link"
expect "mode" "$(stat -c %a turns/ouro.out.ouro)" 700
