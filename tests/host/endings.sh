#!/bin/sh
# However a program ends, what it had done stands in the report.
. "$(dirname "$0")/../host_kit.sh"
build endings

steps() {
    od -An -t u8 -N 8 progress | tr -d ' '
}

found() {
    ask '[.processes[0].findings[] | select(.stack | any(.function == "step")) | .blocks] | add // 0'
}

for how in return exit _exit quick_exit abort raw term segv kill; do
    rm -f progress
    same ./endings $how
    [ "$(found)" -ge "$(steps)" ] || fail "$how: $(found) leaks of $(steps)"
    ended=$(ask '.processes[0].ended')
    complete=$(ask '.processes[0].complete')
    case $how in
    abort) expect "$how" "$ended $complete" "signal:6 false" ;;
    term) expect "$how" "$ended $complete" "signal:15 false" ;;
    segv) expect "$how" "$ended $complete" "signal:11 false" ;;
    kill) expect "$how" "$ended $complete" "signal:9 false" ;;
    *) expect "$how" "$ended $complete" "exit:5 true" ;;
    esac
done

# 200 times SIGKILL at a random instant, seen from outside, with no tool about
guest=$(dirname "$OURO")/libouro.so
for i in $(seq "${KILLS-200}"); do
    rm -rf progress rec.ouro
    OURO_DIR=$PWD/rec.ouro LD_PRELOAD=$guest ./endings wait &
    pid=$!
    while [ ! -s progress ]; do
        kill -0 "$pid" || fail "died early"
    done
    sleep "0.00$((i % 10))$((i * 7 % 10))"
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || :
    "$OURO" report --format=json rec.ouro >report.json || fail "kill $i: report"
    blocks=$(jq '.processes[0].summary.live_blocks' report.json)
    [ "$blocks" -ge "$(steps)" ] || fail "kill $i: $blocks blocks of $(steps)"
done
