#!/bin/sh
# snapshots.sh - however a program ends, the snapshot of its memory holds every
# address, and no other number above 2^16; with --snapshot=image all of them,
# with none there is no snapshot
. "$(dirname "$0")/../host_kit.sh"
command -v python3 >/dev/null || skip "no python3"

# look EXPRESSION: of the recording's last snapshot
look() {
    python3 "$host/snapshots.py" rec.ouro/*.trace "$1"
}

# record_so HOW: what it said is in `said`
record_so() {
    rm -rf rec.ouro
    OURO_DIR=rec.ouro LD_PRELOAD="$BUILD/libouro.so" ./snapshots "$1" >said 2>err ||
        [ "$1" = abort ] || fail "$1: ends with $?"
}

build snapshots
why=0
for how in return exit deep _exit _Exit quick_exit abort said; do
    record_so "$how"
    case $how in
    _exit | _Exit) why=4 ;;
    quick_exit) why=5 ;;
    abort) why=6 ;;
    said) why=2 ;;
    *) why=1 ;;
    esac
    expect "$how: why" "$(look 's.begin["why"]')" "$why"
    expect "$how: END" "$(look 's.end["unreadable"]')" 0
    while read -r at value; do
        case $at in
        secret) expect "$how: a secret" "$(look "s.word($value)")" 0 ;;
        stack) expect "$how: a local is in the roots" \
            "$(look "s.threads[0]['sure'] <= $value")" True ;;
        gone) expect "$how: a frame that has returned is in them" \
            "$(look "s.threads[0]['sure'] <= $value")" False ;;
        *) expect "$how: word at $at" "$(look "s.word($at)")" "$value" ;;
        esac
    done <said
done

export OURO_SNAPSHOT=image
record_so return
secret=$(awk '$1 == "secret" {print $2; exit}' said)
expect "image: the secret" "$(look "s.word($secret)")" 18369614221190020847
export OURO_SNAPSHOT=none
record_so return
expect "none: snapshots" "$(look 'len(all)')" 0
