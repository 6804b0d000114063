#!/bin/sh
# asked.sh - ouro snapshot PID: a busy process answers at once, an idle one when
# the signal wakes it that it was recorded with; whoever cannot be asked is told
# why, and the program notices nothing
. "$(dirname "$0")/../host_kit.sh"
command -v python3 >/dev/null || skip "no python3"
build asked
pid=
trap 'kill -9 $pid 2>/dev/null || true' EXIT

# begin HOW [OPTION...]: in the background; its own process id in $pid
begin() {
    how=$1
    shift
    end
    rm -rf rec.ouro said
    touch said
    "$OURO" record -o rec.ouro --max-size=200M "$@" -- ./asked "$how" >said 2>err </dev/null &
    recorder=$!
    while ! grep -q ready said; do
        kill -0 "$recorder" || fail "$how: $(cat err)"
        sleep 0.01
    done
    pid=$(sed -n 's/^ready //p' said)
}

end() {
    [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
    wait
    pid=
}

# asks STATUS WORDS [OPTION...]: ouro snapshot says that, and ends so
asks() {
    status=0
    wanted=$1
    words=$2
    shift 2
    "$OURO" snapshot "$@" "$pid" >out 2>&1 || status=$?
    expect "$how: status ($(cat out))" "$status" "$wanted"
    grep -q "$words" out || fail "$how: $(cat out), expected $words"
}

# look EXPRESSION: of the snapshots that were asked for
look() {
    PYTHONPATH=$host python3 -c '
import glob, sys, snapshots
asked = [s for f in sorted(glob.glob("rec.ouro/*.trace")) for s in snapshots.read(f) if s.begin["why"] == 3]
print(eval(sys.argv[1]))' "$1"
}

begin busy
asks 0 "snapshot 1 of process $pid"
asks 0 "snapshot 2 of process $pid"
"$OURO" snapshot "$pid" >one 2>&1 &
one=$!
asks 0 "of process $pid"
wait "$one" || fail "the other of two: $(cat one)"
asks 2 'with --signal=SIG' --signal
end
expect "busy: snapshots" "$(look '3 <= len(asked) <= 4 and all(s.end for s in asked)')" True
expect "busy: names" "$(look '[s.begin["name"] for s in asked[:2]]')" "['request 1', 'request 2']"
"$OURO" dump rec.ouro | grep -q 'SNAPSHOT name="request 2"' || fail "no checkpoint"

begin idle
asks 3 'no answer in 2 s'
begin idle --signal
asks 0 "snapshot 1 of process $pid" --signal
asks 0 "snapshot 2 of process $pid" --signal
end
expect "idle: snapshots" "$(look 'len(asked), all(s.end for s in asked)')" "(2, True)"
begin idle --signal=40 # real-time
asks 0 "snapshot 1" --signal
begin child --signal
asks 0 "snapshot 1" --signal
kill -9 "$pid" # its parent waits for it
pid=
wait
begin own --signal
asks 3 "handles it" --signal
begin reset --signal
asks 2 'which would end it' --signal
kill -0 "$pid" || fail "reset: it was killed"
begin closed
asks 0 "snapshot 1"
begin jumps
for _ in 1 2 3 4 5; do
    timeout 20 "$OURO" snapshot "$pid" >out 2>&1 || fail "jumps: $?: $(cat out)"
done
begin busy --snapshot=none
asks 2 'snapshot=none'
OURO_IO=buffered begin idle --signal
asks 2 'through buffers'
asks 0 "snapshot 1" --signal

# It ends while it is asked.
begin idle
"$OURO" snapshot "$pid" >out 2>&1 &
one=$!
while ! "$OURO" dump rec.ouro >/dev/null; do sleep 0.01; done
kill -9 "$pid"
status=0
wait "$one" || status=$?
[ "$status" -eq 3 ] || [ "$status" -eq 2 ] || fail "ended: $status"
asks 2 'there is none'

# What is not recorded.
how="not recorded"
sleep 100 &
pid=$!
asks 2 'is not being recorded'
end

# A system call that is waited in goes on.
mkfifo pipe
rm -rf rec.ouro said
touch said
"$OURO" record -o rec.ouro --signal -- ./asked brief >said 2>err <pipe &
exec 9>pipe
while ! grep -q ready said; do sleep 0.01; done
pid=$(sed -n 's/^ready //p' said)
how=brief
asks 0 "snapshot 1" --signal
exec 9>&-
wait
pid=
expect "brief" "$(tail -1 said)" "read 0, errno 0"
