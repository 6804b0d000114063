#!/bin/sh
# steps.sh - what a new user does, as README says it: run a test that leaks,
# write a baseline, add a leak, see the build fail, read why. Run as that user,
# in a directory with queue_test.c; says each step.
set -u

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# step STATUS CMD...: shows the command and what it says, and wants that status
step() {
    wanted=$1
    shift
    echo "\$ $*"
    "$@" >said 2>&1
    status=$?
    sed 's/^/    /' said
    [ $status -eq "$wanted" ] || fail "status $status, expected $wanted"
}

# says TEXT: the last step did; not: it did not
says() {
    grep -q -e "$1" said || fail "nothing said of '$1'"
}

says_not() {
    if grep -q -e "$1" said; then
        fail "'$1' is said too"
    fi
}

step 0 ouro --version
step 0 gcc -g -o queue_test queue_test.c
step 0 ./queue_test
step 0 ouro run -- ./queue_test
says '^leak .* definitely lost'
says 'message_new'
step 99 ouro run --quiet --error-exitcode=99 -- ./queue_test
step 1 ouro gate
step 0 ouro gate --baseline=known.json --write-baseline
step 0 ouro gate --baseline=known.json
says 'verdict: clean'
says_not 'rest on addresses'
step 0 gcc -g -DMORE -o queue_test queue_test.c
step 0 ouro record -- ./queue_test
step 1 ouro gate --baseline=known.json
says '1 new, 1 known'
says 'answer  '
says_not 'pop  '
step 0 man ouro-gate
says 'What  *was  *found  *is  *new'
says 'write-baseline'
step 0 man ouro
step 0 gcc -fsyntax-only -include ouro.h -x c /dev/null
echo "a new user's way: done"
