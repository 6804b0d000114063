#!/bin/sh
# A program that leaves its directory, its root, its mounts or its user is
# recorded to its end, in the place where it began.
. "$(dirname "$0")/../host_kit.sh"
build moved_away
guest=$BUILD/libouro.so
mkdir jail
# leaves HOW CHILDREN: CHILDREN of its one child can be recorded
leaves() {
    rm -rf gone
    same ./moved_away "$1"
    [ "$status" = 0 ] || { echo "not possible here: $1"; return; }
    # shellcheck disable=SC2016
    expect "$1: lost by it and by its child, lost events" "$(ask '[.processes[].findings[] | select(.stack[0].function == "lose_after") | .blocks] as $its
        | [.processes[].findings[] | select(.stack[0].function == "lose_in_child") | .blocks] as $childs
        | "\($its | add) \($childs | add // 0) \([.processes[].summary | .lost_events, .order_conflicts] | add)"')" "100 $2 0"
    [ -z "$(ls -A jail)" ] || fail "$1: left something in the other root: $(ls -A jail)"
}
leaves chdir 1
leaves removed 1
# with a relative directory and nobody's help
OURO_DIR=near.ouro LD_PRELOAD=$guest ./moved_away chdir >guest.out 2>guest.err || fail "alone: status $?"
expect "alone" "$(cat guest.out guest.err)" "child 6"
expect "alone: images" "$(find near.ouro -name '*.trace' | wc -l)" 2
[ "$(id -u)" = 0 ] || skip "not root: only directories were left"
leaves unshare 1
leaves setns 1
leaves chroot 1
leaves pivot 1
# nobody may not make a file for the child in what is root's
leaves nobody 0
