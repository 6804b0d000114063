#!/bin/sh
# Counted pointers in a std::vector: the cycle is found whenever OWN is said,
# and how large the vector was by then does not change its name.
. "$(dirname "$0")/../host_kit.sh"
build vector_owner -std=c++17
cycles='[.processes[0].findings[] | select(.kind == "cycle")]'
ids=

check() {
    same ./vector_owner "$1" "$2"
    intact
    expect "$1 $2: cycles" "$(ask "$cycles | length")" 1
    expect "$1 $2: instances" "$(ask "${cycles}[0].instances")" 1
    expect "$1 $2: objects" "$(ask "${cycles}[0].objects")" 2
    expect "$1 $2: members" "$(ask "${cycles}[0].members | map(.type) | join(\",\")")" Node,Node
    expect "$1 $2: retained" "$(ask "${cycles}[0].retained_objects")" "$((2 + $2))"
    expect "$1 $2: edges" \
        "$(ask "${cycles}[0].edges | map(\"\(.from) \(.field) \(.to)\") | sort | join(\", \")")" \
        "0 [] 1, 1 [] 0"
    expect "$1 $2: other findings" "$(ask '[.processes[0].findings[] |
        select(.kind == "misuse" or .kind == "unbalanced" or .kind == "over-release")] | length')" 0
}

for mode in before after last moved; do
    ids=
    for more in 0 1 6; do
        check "$mode" "$more"
        id=$(ask "${cycles}[0].id")
        ids=${ids:-$id}
        expect "$mode $more: id" "$id" "$ids"
    done
done
"$OURO" report rec.ouro >text || [ $? = 1 ] || fail "report failed"
grep -q 'Node\[\] -> Node\[\] -> Node' text || fail "the text does not show the fields: $(head -20 text)"
