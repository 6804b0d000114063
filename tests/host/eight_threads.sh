#!/bin/sh
# main returns while eight threads allocate: 100 times, and each time the same is
# definitely lost, what their stacks and registers hold is not, and what a
# register may hold that nobody saw is possibly lost, and the report says so.
. "$(dirname "$0")/../host_kit.sh"
build eight_threads

# found: what is not reachable: whose, how many, and what they retain; the
# fingerprints
found() {
    jq -r '[.processes[0].findings[] | select(.reach == "definite" or .reach == "possible")
        | "\(.reach) \(.stack[0].function) \(.blocks)/\(.retained_blocks) \(.id)"]
        | sort | join(", ")' report.json
}

# run ARG...: one recording; its report, as text too
run() {
    rm -rf rec.ouro
    "$OURO" record -o rec.ouro -- ./eight_threads "$@" >out || fail "status $?"
    expect "output" "$(cat out)" returning
    "$OURO" report --show=all --format=json rec.ouro >report.json || fail "no report"
}

# held: blocks that a local or a register holds and that are not reachable
held() {
    jq -r '[.processes[0].findings[] | select(.reach != "reachable" and
        (.stack[0].function | test("^held_by_(local|register)$"))) | .blocks] | add // 0' report.json
}

for n in $(seq 100); do
    run
    found >lost
    [ "$n" != 1 ] || cp lost first
    cmp -s first lost || fail "run $n: $(cat lost), before: $(cat first)"
    expect "run $n: held, and not reachable" "$(held)" 0
done
expect "lost" "$(sed -E 's/ [0-9a-f]{16}//g' first)" \
    "definite lost_by_main 10/10, definite lost_by_thread 80/80"

for n in 1 2 3 4 5 6 7 8 9 10; do
    run unseen
    expect "run $n, and one computes: held, and not reachable" "$(held)" 0
    expect "run $n: in a register that nobody saw" "$(jq -r '[.processes[0].findings[]
        | select(.stack[0].function == "held_unseen") | .reach, .blocks] | join(" ")' report.json)" "possible 1"
    expect "run $n: definite" "$(jq -r '[.processes[0].findings[]
        | select(.reach == "definite" and any(.stack[].function; . == "allocates" or . == "main"))
        | .blocks] | sort | join(" ")' report.json)" "10 80"
    "$OURO" report --show=all rec.ouro | tr -s ' \n' ' ' >text
    grep -q 'of 10 threads 9 stood still and showed all registers, 1 ran, and is known as of its last event' text ||
        fail "run $n: nothing is said of the thread that ran: $(grep -o 'note: .*' text)"
    grep -q 'among the last that such a thread asked for: possibly lost, as a register may hold' text ||
        fail "run $n: nothing is said of its registers"
done
