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

# What the questions below are made of. The C library's buffer for stdout and
# the C++ library's for exceptions are there at the end of every program: leaks
# are asked for by the function that made them.
# shellcheck disable=SC2016  # jq's own variables
words='
def findings: [.processes[].findings[]];
def counted: findings | map(select(.kind != "leak"));
def kinds: counted | map(.kind) | join(" ");
def cycle: counted | map(select(.kind == "cycle"))[0];
def unbalanced: counted | map(select(.kind == "unbalanced"))[0];
def leak(f): findings | map(select(.kind == "leak" and
    .stack[0].function == f));
def types: .types | map("\(.count) \(.type)") | sort | join(", ");
def fields: .members as $m | .edges |
    map("\($m[.from].type).\(.field)") | sort | join(", ");
def labels: .members | map(.label) | sort | join(", ");
def functions: map(.function) | join(" < ");
def weaken: .weaken | map(select(.alone) | "\(.type).\(.field)") | join(", ");
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
    verify
}

# verify: the independent check of what was found
verify() {
    "$build/ouro" verify "$sample.ouro" >verify.log 2>&1 ||
        wrong "verify: $(cat verify.log)"
}

# ask WHAT QUESTION ANSWER
ask() {
    answer=$(jq -r "$words $2" report.json 2>&1)
    [ "$answer" = "$3" ] || wrong "$1: $answer, expected $3"
}

# closed_by NAMES: the innermost functions that made the closing edge
closed_by() {
    ask "closed by" "cycle | .edges[.closing_edge].stack[:$1] | functions" "$2"
}

# orphaned_by NAMES: and those that took the last count from outside
orphaned_by() {
    ask "orphaned by" "cycle.orphaned | .by + \" \" +
        (.stack[:$1] | functions)" "release $2"
}

# closed_at FILE STATEMENT: the line of the closing store is that statement's
closed_at() {
    line=$(grep -n "$2" "$root/$1" | cut -d: -f1)
    ask "closing line" 'cycle | .edges[.closing_edge].stack[0] |
        "\(.file):\(.line)"' "$1:$line"
}

lost_list() {
    record lost_list "$build/samples/lost_list"
    ask "findings" 'findings | length' 1
    ask "reach" 'leak("add_line")[0].reach' definite
    ask "blocks" 'leak("add_line")[0].blocks' 1
    ask "retained" 'leak("add_line")[0] | [.retained_blocks, .retained_bytes] |
        map(tostring) | join(" ")' '3 48'
    ask "allocator" 'leak("add_line")[0].allocator' malloc
    ask "site" 'leak("add_line")[0].stack[:3] | functions' \
        'add_line < load < main'
    ask "verdict" .verdict findings
}

pair() {
    record pair "$build/samples/pair"
    ask "kinds" kinds cycle
    ask "types" 'cycle | types' '2 person'
    ask "fields" 'cycle | fields' 'person.partner, person.partner'
    ask "labels" 'cycle | labels' 'ada, bob'
    ask "counts" 'cycle.members | map(.refcount) | add' 2
    ask "each count is owned" 'cycle.members | map(.owned) | add' 2
    ask "bytes" 'cycle.bytes' 48
    ask "witness" 'cycle.witness | length' 2
    ask "born" 'cycle.members[0].stack[:2] | functions' 'person_new < main'
    closed_by 2 'marry < main'
    orphaned_by 2 'person_put < main'
    ask "to break" 'cycle | weaken' person.partner
    ask "what that frees" 'cycle.weaken[0].frees_objects' 2
}

parent_ring() {
    record parent_ring "$build/samples/parent_ring"
    ask "kinds" kinds cycle
    ask "types" 'cycle | types' '1 window, 3 button'
    ask "edges" 'cycle.edges | map(.field) | group_by(.) |
        map("\(length) \(.[0])") | join(", ")' '3 children, 3 parent'
    ask "bytes" 'cycle.bytes' 160
    ask "witness" 'cycle.witness | length' 2
    ask "closing field" 'cycle | .edges[.closing_edge].field' parent
    closed_by 2 'widget_add < main'
    orphaned_by 2 'widget_put < main'
    ask "to break" 'cycle | weaken' 'button.parent, window.children'
}

missing_release() {
    record missing_release "$build/samples/missing_release"
    ask "kinds" kinds unbalanced
    ask "types" 'unbalanced | types' '1 connection'
    ask "count" 'unbalanced.members[0].refcount' 2
    ask "taken by name" 'unbalanced.members[0].acquired' 2
    ask "owned by objects" 'unbalanced.members[0].owned' 0
    ask "the holders are dead" 'unbalanced.reach' definite
    ask "not released" 'unbalanced.unreleased | map(.count) | join(" ")' 2
    ask "for certain" 'unbalanced.unreleased[0].certain' true
    ask "taken by" 'unbalanced.unreleased[0].stack[:3] | functions' \
        'connection_get < handle < main'
    ask "verdict" .verdict findings
}

growing_cache() {
    record growing_cache "$build/samples/growing_cache"
    ask "no cycle" 'cycle' null
    ask "created" '.processes[0].summary.objects_created' 6000
    ask "alive" '.processes[0].summary.objects_live' 3000
    ask "nothing is lost" '.processes[0].findings | length' 0
    ask "a root reaches it" '.processes[0].summary.hidden_reachable_blocks' 3000
    ask "live on" '.processes[].survivors | map(.type) | join(" ")' entry
    ask "how many" '.processes[].survivors[0].objects | add' 3000
    ask "growth" '.processes[].survivors[0] | [.growth, .rising] |
        map(tostring) | join(" ")' '1000 true'
    ask "many ages" '.processes[].survivors[0].ages' 5
    "$build/ouro" survivors growing_cache.ouro >text || wrong "no survivors"
    grep -A 3 '^    entry' text | grep -q ' 5 .* +1,000 rising' ||
        wrong "ouro survivors does not tell it first: $(cat text)"
}

intrusive() {
    record intrusive "$build/samples/intrusive"
    ask "kinds" kinds cycle
    ask "types" 'cycle | types' '1 document, 1 view'
    ask "fields" 'cycle | fields' 'document.+8, view.+8'
    ask "bytes" 'cycle.bytes' 32
    closed_by 2 'ref<document>::set(document*) < main'
    ask "to break" 'cycle | weaken' 'view.+8, document.+8'
}

lisp_clean() {
    record clean "$build/samples/lisp" "$root/samples/lisp/clean.lisp"
    ask "kinds" kinds ''
    ask "alive" '.processes[0].summary.objects_live' 0
    ask "leaks of the interpreter" '[leak("make_object", "define")] | flatten |
        length' 0
}

lisp_letrec() {
    record letrec "$build/samples/lisp" "$root/samples/lisp/letrec.lisp"
    ask "kinds" kinds cycle
    ask "instances" cycle.instances 3
    ask "types" 'cycle | types' '3 closure, 3 environment'
    ask "fields" 'cycle | fields' 'closure.env, environment.count'
    ask "labels" 'cycle | labels' 'count, letrec count'
    ask "retained with the callers' scopes" 'cycle.retained_objects' 12
    ask "closing field" 'cycle | .edges[.closing_edge].field' count
    closed_by 5 'give_field < set_field < define < bind_all < do_letrec'
    closed_at samples/lisp/object.c 'OURO_SET('
    orphaned_by 2 'release < eval'
    ask "held by all of them" 'cycle.shared | map(.objects) | add' 22
    ask "to break" 'cycle | weaken' 'environment.count, closure.env'
    ask "born" 'cycle.members[] | select(.type == "closure") |
        .stack[:3] | functions' 'make_object < make_closure < do_lambda'
}

lisp_collected() {
    record collected "$build/samples/lisp" "$root/samples/lisp/collected.lisp"
    ask "kinds" kinds ''
    ask "alive" '.processes[0].summary.objects_live' 0
    ask "reclaimed" '.processes[0].collector.reclaimed' 9
    ask "revived" '.processes[0].collector.revived' 0
    ask "found by its collections" \
        '.processes[0].collector.generations | map(.unreachable) | add' 9
    ask "verdict" .verdict clean
}

lisp_mutual() {
    record mutual "$build/samples/lisp" "$root/samples/lisp/mutual.lisp"
    ask "kinds" kinds cycle
    ask "instances" cycle.instances 2
    ask "types" 'cycle | types' '2 environment, 4 closure'
    ask "fields" 'cycle | fields' \
        'closure.env, closure.env, environment.even, environment.odd'
    ask "labels" 'cycle | labels' 'even, let even, odd'
    closed_by 4 'give_field < set_field < assign < do_set'
    closed_at samples/lisp/object.c 'OURO_SET('
    ask "to break" 'cycle | weaken' 'closure.env'
}

lisp_button() {
    record button "$build/samples/lisp" "$root/samples/lisp/button.lisp"
    ask "kinds" kinds cycle
    ask "types" 'cycle | types' '1 closure, 1 environment, 1 pair'
    ask "fields" 'cycle | fields' \
        'closure.env, environment.button, pair.cdr'
    ask "the scope's label" 'cycle.members[] |
        select(.type == "environment").label' 'let button'
    ask "witness" 'cycle.witness | length' 3
    closed_by 3 'give_field < set_field < set_cdr'
    closed_at samples/lisp/object.c 'OURO_SET('
    ask "to break" 'cycle | weaken' \
        'pair.cdr, closure.env, environment.button'
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
lisp_collected
lisp_mutual
lisp_button

[ "$failed" -eq 0 ] || echo "samples: $failed failed" >&2
[ "$failed" -eq 0 ]
