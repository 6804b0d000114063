#!/bin/sh
# run.sh BUILD - every test of a built tree, one after another; ends with the
# number that passed and failed
set -u
build=$1
cd "$(dirname "$0")/.." || exit 1
case $build in /*) ;; *) build=$PWD/$build ;; esac
passed=0
failed=0
names=

step() {
    name=$1
    shift
    printf '== %s\n' "$name"
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        names="$names $name"
        printf 'FAILED: %s\n' "$name" >&2
    fi
}

step unit "$build/check"
step guest-rules sh tests/guest_rules.sh "$build/libouro.so"
step unwind sh tests/unwind/run.sh "$build"
step protocol sh tests/protocol/run.sh "$build"
step cli sh tests/run_cli.sh "$build"
step host sh tests/run_host.sh "$build"
step formats sh tests/formats/run.sh "$build"
step samples sh tests/run_samples.sh "$build"
step ci-samples sh tests/ci_samples.sh "$build"
step install sh tests/run_install.sh "$build"

[ -z "$names" ] || printf 'failed:%s\n' "$names" >&2
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
