#!/bin/sh
# run_samples.sh BUILD - each sample is a test: it is recorded, and the JSON
# report must say what the sample is about
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:?usage: run_samples.sh BUILD}" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ouro-samples.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0
sample=

# What the questions below are made of.
# shellcheck disable=SC2016  # jq's own variables
words='
def findings: [.processes[].findings[]];
def only(k): findings | map(select(.kind == k)) |
    if length == 1 then .[0] else error("\(length) findings of kind \(k)") end;
def kinds: findings | map(.kind) | unique | join(" ");
def types: .types | map("\(.count) \(.type)") | sort | join(", ");
def fields: .members as $m | .edges |
    map("\($m[.from].type).\(.field)") | sort | join(", ");
def labels: .members | map(.label) | sort | join(", ");
def functions: map(.function) | join(" < ");
def weaken: .weaken | map("\(.type).\(.field)") | join(", ");
'

wrong() {
    printf 'FAIL: %s: %s\n' "$sample" "$*" >&2
    failed=$((failed + 1))
}

# record NAME CMD...: the command says the same alone and recorded
record() {
    sample=$1
    shift
    "$@" >alone 2>&1
    status=$?
    "$build/ouro" record -o "$sample.ouro" -- "$@" >recorded 2>&1
    [ $? -eq $status ] || wrong "another exit status when recorded"
    cmp -s alone recorded || wrong "says something else when recorded"
    "$build/ouro" report --format=json "$sample.ouro" >report.json ||
        wrong "no report"
    ask "it is complete" '.processes | map(.complete) | all' true
    ask "nothing was lost" '[.processes[].summary |
        .lost_events + .order_conflicts] | add' 0
}

# ask WHAT QUESTION ANSWER
ask() {
    answer=$(jq -r "$words $2" report.json 2>&1)
    [ "$answer" = "$3" ] || wrong "$1: $answer, expected $3"
}

# verify: the independent check of the collector's answer
verify() {
    "$build/ouro" verify "$sample.ouro" >verify.log 2>&1 ||
        wrong "verify: $(cat verify.log)"
}

lost_list() {
    record lost_list "$build/samples/lost_list"
    ask "kinds" kinds leak
    ask "reach" 'only("leak").reach' definite
    ask "blocks" 'only("leak").blocks' 3
    ask "bytes" 'only("leak").bytes' 48
    ask "allocator" 'only("leak").allocator' malloc
    ask "site" 'only("leak").stack[:3] | functions' 'add_line < load < main'
    ask "verdict" .verdict findings
}

pair() {
    record pair "$build/samples/pair"
    verify
    ask "kinds" kinds cycle
    ask "types" 'only("cycle") | types' '2 person'
    ask "fields" 'only("cycle") | fields' 'person.partner, person.partner'
    ask "labels" 'only("cycle") | labels' 'ada, bob'
    ask "counts" 'only("cycle").members | map(.refcount) | add' 2
    ask "bytes" 'only("cycle").retained_bytes' 48
    ask "witness" 'only("cycle").witness | length' 2
    ask "born" 'only("cycle").members[0].stack[:2] | functions' \
        'person_new < main'
    ask "closed by" 'only("cycle") | .edges[.closing_edge].stack[:2] |
        functions' 'marry < main'
    ask "orphaned by" 'only("cycle").orphaned | .by + " " +
        (.stack[:2] | functions)' 'release person_put < main'
    ask "to break" 'only("cycle") | weaken' person.partner
}

parent_ring() {
    record parent_ring "$build/samples/parent_ring"
    verify
    ask "kinds" kinds cycle
    ask "types" 'only("cycle") | types' '1 window, 3 button'
    ask "edges" 'only("cycle").edges | map(.field) | group_by(.) |
        map("\(length) \(.[0])") | join(", ")' '3 children, 3 parent'
    ask "bytes" 'only("cycle").retained_bytes' 192
    ask "witness" 'only("cycle").witness | length' 2
    ask "closed by" 'only("cycle") | .edges[.closing_edge].field' parent
    ask "to break" 'only("cycle") | weaken' 'button.parent, window.children'
}

missing_release() {
    record missing_release "$build/samples/missing_release"
    ask "kinds" kinds unbalanced
    ask "types" 'only("unbalanced") | types' '1 connection'
    ask "reach" 'only("unbalanced").reach' definite
    ask "count" 'only("unbalanced").members[0].refcount' 2
    ask "unreleased" 'only("unbalanced").unreleased | map(.count) | add' 2
    ask "taken by" 'only("unbalanced").unreleased[0].stack[:3] | functions' \
        'connection_get < handle_request < main'
}

growing_cache() {
    record growing_cache "$build/samples/growing_cache"
    ask "kinds" kinds ''
    ask "verdict" .verdict clean
    ask "entries" '[.processes[].survivors[] | select(.type == "entry") |
        .objects[]] | add' 3000
    ask "growth" '[.processes[].survivors[] | select(.type == "entry") |
        .growth] | add >= 900' true
    ask "many ages" '[.processes[].survivors[] | select(.type == "entry") |
        .ages] | add > 1' true
    ask "what dies young" '[.processes[].survivors[] |
        select(.type == "scratch")] | length' 0
}

intrusive() {
    record intrusive "$build/samples/intrusive"
    verify
    ask "kinds" kinds cycle
    ask "types" 'only("cycle") | types' '1 document, 1 view'
    ask "fields" 'only("cycle") | fields' 'document.+8, view.+8'
    ask "bytes" 'only("cycle").retained_bytes' 32
}

lisp_clean() {
    record clean "$build/samples/lisp" "$root/samples/lisp/clean.lisp"
    verify
    ask "kinds" kinds ''
    ask "verdict" .verdict clean
    ask "objects" '.processes[0].summary.objects_live' 0
}

lisp_letrec() {
    record letrec "$build/samples/lisp" "$root/samples/lisp/letrec.lisp"
    verify
    ask "kinds" kinds cycle
    ask "instances" 'only("cycle").instances' 3
    ask "types" 'only("cycle") | types' '3 closure, 3 environment'
    ask "fields" 'only("cycle") | fields' 'closure.env, environment.count'
    ask "labels" 'only("cycle") | labels' 'count, letrec count'
    ask "closed by" 'only("cycle") | .edges[.closing_edge].field' count
    ask "to break" 'only("cycle") | weaken' 'environment.count, closure.env'
    ask "born" 'only("cycle").members[] | select(.type == "closure") |
        .stack[:3] | functions' 'make_object < make_closure < do_lambda'
}

lisp_mutual() {
    record mutual "$build/samples/lisp" "$root/samples/lisp/mutual.lisp"
    verify
    ask "kinds" kinds cycle
    ask "instances" 'only("cycle").instances' 2
    ask "types" 'only("cycle") | types' '2 environment, 4 closure'
    ask "fields" 'only("cycle") | fields' \
        'closure.env, closure.env, environment.even, environment.odd'
    ask "labels" 'only("cycle") | labels' 'even, let even, odd'
}

lisp_button() {
    record button "$build/samples/lisp" "$root/samples/lisp/button.lisp"
    verify
    ask "kinds" kinds cycle
    ask "types" 'only("cycle") | types' '1 closure, 1 environment, 1 pair'
    ask "fields" 'only("cycle") | fields' \
        'closure.env, environment.button, pair.cdr'
    ask "labels" 'only("cycle").members | map(select(.type != "pair").label) |
        sort | join(", ")' ', let button'
    ask "witness" 'only("cycle").witness | length' 3
}

command -v jq >/dev/null || {
    echo "run_samples.sh: jq is missing" >&2
    exit 1
}
lost_list
pair
parent_ring
missing_release
growing_cache
intrusive
lisp_clean
lisp_letrec
lisp_mutual
lisp_button

[ "$failed" -eq 0 ] || echo "samples: $failed failed" >&2
[ "$failed" -eq 0 ]
