#!/bin/sh
# rows.sh - sourced: the workloads, a line each, and what is run of one
#
# row GROUP NAME LONG SHORT COMMAND...: SIZE in the command is LONG, or SHORT for
# Valgrind, once ("-": it is left out). Groups: deep, worst (generated loads),
# beside (no peer is asked), real (programs), protocol (references announced).
: "${build:?}" "${here:?}" "${runs:?}"

# sized SIZE COMMAND...: the command's words, with its input generated, a line each
sized() {
    size=$1
    shift
    for word in "$@"; do
        word=$(printf '%s\n' "$word" | sed "s/SIZE/$size/")
        case $word in
        *-"$size".*) sh "$here/inputs.sh" "$word" ;;
        esac
        printf '%s\n' "$word"
    done
}

# with_words FUNCTION...: calls it with the lines of "words" as further arguments
with_words() {
    while read -r word; do
        set -- "$@" "$word"
    done <words
    "$@"
}

wanted() {
    case $1 in
    *${OURO_BENCH_ONLY-}*) ;;
    *) return 1 ;;
    esac
    echo "  $1" >&2
}

row() {
    group=$1
    name=$2
    long=$3
    short=$4
    shift 4
    wanted "$name" || return 0
    case $group in
    real) tools="native nosnap ouro heaptrack lsan" ;;
    beside) tools="native ouro" ;;
    protocol) tools="native alloc ouro heaptrack lsan" ;;
    *) tools="native ouro heaptrack lsan" ;;
    esac
    note "$name" group "$group"
    sized "$long" "$@" >words
    rm -f h.raw.*
    with_words in_turn "$runs" "$name" "$tools"
    analyse_ours "$name"
    analyse_peer "$name"
    rm -rf r.ouro
    [ "$short" != - ] || return 0
    sized "$short" "$@" >words
    with_words in_turn 1 "$name" "native_short valgrind"
}

rows() {
    n=4000000 short_n=1000000
    for d in 10 20 50 120; do
        row deep "depth $d" $n $short_n ./depth SIZE $d
        row beside "depth $d, beside a sleeper" $n - ./depth SIZE $d 2 1
        row deep "depth $d, two threads" $n $short_n ./depth SIZE $d 2
        row deep "depth $d, crossing frees" $n $short_n ./cross SIZE $d
    done
    for d in 20 120; do
        row worst "depth $d, all of the stack changes" $n $short_n ./torn SIZE $d
    done
    row worst "realloc, depth 20" $n $short_n ./resize SIZE 20
    export PYTHONMALLOC=malloc # heaptrack does not follow an env before it
    row real python3 6 1 /usr/bin/python3 "$here/dictionaries.py" SIZE
    row real cc1plus 17 1 "$(g++ -print-prog-name=cc1plus)" -quiet -O1 \
        -fpreprocessed templates-SIZE.ii -o /dev/null
    row real sqlite3 1500000 150000 sqlite3 -batch -init table-SIZE.sql :memory: .quit
    row real perl 11 1 perl "$here/hashes.pl" SIZE
    row real xmllint 50 5 xmllint --noout catalog-SIZE.xml
    row real jq 50 5 jq 'map(.id)|add' catalog-SIZE.json
    row protocol "Lisp" 2000 500 "$build/samples/lisp" script-SIZE.lisp
}
