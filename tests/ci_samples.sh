#!/bin/sh
# ci_samples.sh BUILD [SAMPLE...] - samples/ci/ in use: with CMake, Meson, make,
# pytest, and as the two workflows say it, a baseline is written while one leak
# is there, the same leak then passes, and a second one fails with only that one
# told; with GoogleTest and Check, what is found names the test it appeared in
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:?usage: ci_samples.sh BUILD [SAMPLE...]}" && pwd)
shift
samples=$root/samples/ci
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ouro-ci.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# the flags of who calls us would inline what a stack is to show
unset MAKEFLAGS MFLAGS LD_PRELOAD DESTDIR LEAKS CFLAGS CXXFLAGS LDFLAGS
PATH=$build:$PATH
CPATH=$root/include
export PATH CPATH
failed=0
sample=

wrong() {
    printf 'FAIL: ci: %s: %s\n' "$sample" "$*" >&2
    failed=$((failed + 1))
}

# project FILE...: a fresh copy of the project in tests/ci/, with these samples
project() {
    rm -rf "${scratch:?}/$sample"
    cp -R "$root/tests/ci" "$scratch/$sample"
    cd "$scratch/$sample" || exit 1
    for file; do
        cp "$samples/$file" .
    done
}

# does WHAT CMD...: succeeds
does() {
    what=$1
    shift
    "$@" >said 2>&1 || wrong "$what fails: $(tail -n 15 said)"
}

# fails_with_new CMD...: fails, and tells the new leak alone
fails_with_new() {
    if "$@" >said 2>&1; then
        wrong "a new leak passes"
    fi
    grep -q 'new_leak' said || wrong "the new leak is not told: $(cat said)"
    grep -q '1 new, 1 known' said || wrong "no verdict: $(cat said)"
    if grep -q '^ *old_leak ' said; then
        wrong "the known leak is told at length: $(cat said)"
    fi
}

# as_promised WRITE... : GATE...: the three steps that all samples share
as_promised() {
    write=
    while [ "$1" != : ]; do
        write="$write $1"
        shift
    done
    shift
    LEAKS=old
    export LEAKS
    # shellcheck disable=SC2086  # words
    does "writing the baseline" $write
    grep -q '"old"' ouro-baseline.json || wrong "no baseline: $(cat said)"
    does "what is known" "$@"
    LEAKS="old new"
    fails_with_new "$@"
    unset LEAKS
}

cmake_tests() {
    ctest --test-dir build --output-on-failure
}

cmake_project() {
    project OuroTest.cmake
    does configure cmake -B build -DCMAKE_BUILD_TYPE=Debug
    does build cmake --build build
    LEAKS=old cmake_tests >said 2>&1 && wrong "no baseline, and yet no failure"
    as_promised cmake --build build --target ouro-baseline : cmake_tests
    LEAKS=old does "one test alone" ctest --test-dir build -R 'second time'
    grep -q 'ouro.gate.*Passed' said || wrong "the gate does not follow one test"
    LEAKS='old broken' cmake_tests >said 2>&1
    grep -q 'ring .*Failed' said || wrong "a failing test passes: $(cat said)"
    does configure cmake -B plain -DOURO=OFF
    does build cmake --build plain
    does "tests without ouro" ctest --test-dir plain
}

meson_project() {
    project
    mkdir ouro
    cp "$samples/meson.build" ouro
    does configure meson setup build
    LEAKS=old does record meson test -C build --setup=ouro
    ln -s ouro/ouro-baseline.json .
    as_promised ninja -C build ouro-baseline : ninja -C build ouro
    LEAKS='old broken' ninja -C build ouro >said 2>&1 &&
        wrong "a failing test passes: $(cat said)"
}

make_project() {
    project ouro.mk
    as_promised make ouro-baseline : make check-ouro
    LEAKS='old broken' make check-ouro >said 2>&1 &&
        wrong "a failing test passes: $(cat said)"
}

pytest_run() {
    PYTHONPATH=. pytest-3 -p pytest_ouro \
        --ouro-baseline=ouro-baseline.json "$@"
}

pytest_project() {
    project pytest_ouro.py ouro.mk
    does build make ring
    as_promised pytest_run --ouro-write : pytest_run
    grep -q 'test_ring.py_test_shell.ouro' said ||
        wrong "the test's name is not told: $(cat said)"
    [ ! -e .ouro/test_ring.py_test_nothing.ouro ] || wrong "records nothing"
}

# step FILE JOB STEP: the shell lines of a workflow's named step (GitHub), or of
# a job's script (GitLab)
step() {
    python3 - "$@" <<'END'
import sys, yaml
path, job, step = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    top = yaml.safe_load(file)
lines = [s["run"] for s in top["jobs"][job]["steps"] if s.get("name") == step
         ] if "jobs" in top else top[job][step]
print("\n".join(lines) if lines else sys.exit(f"{path}: no step {step}"))
END
}

# run_step FILE JOB STEP
run_step() {
    step "$@" >step.sh && bash -e step.sh
}

# What installs the package is make check-deb's business.
github_workflow() {
    project OuroTest.cmake
    does Build run_step "$samples/github.yml" leaks Build
    LEAKS=old run_step "$samples/github.yml" leaks Test >said 2>&1 &&
        wrong "no baseline, and yet no failure"
    as_promised cmake --build build --target ouro-baseline : \
        run_step "$samples/github.yml" leaks Test
    LEAKS='old new' run_step "$samples/github.yml" leaks Test >said 2>&1
    GITHUB_STEP_SUMMARY=$PWD/summary does Findings \
        run_step "$samples/github.yml" leaks Findings
    grep -q '^::error file=ring.c,line=[0-9]*,title=new' said ||
        wrong "no annotation: $(cat said)"
    grep -q new_leak summary || wrong "no summary"
    jq -e '.runs[0].results | length > 0' ouro.sarif >said 2>&1 ||
        wrong "no results in ouro.sarif: $(cat said)"
}

# A pipeline's after_script may fail; its report must be there.
gitlab_after() {
    run_step "$samples/gitlab.yml" leaks after_script
    [ -s ouro.xml ]
}

gitlab_template() {
    project OuroTest.cmake
    LEAKS=old run_step "$samples/gitlab.yml" leaks script >said 2>&1 &&
        wrong "no baseline, and yet no failure"
    as_promised cmake --build build --target ouro-baseline : \
        run_step "$samples/gitlab.yml" leaks script
    does after_script gitlab_after
    xmllint --noout ouro.xml || wrong "ouro.xml is no XML"
}

# checkpoints RECORDING: their names, in order
checkpoints() {
    ouro dump "$1" | sed -n 's/.* CHECKPOINT name="\(.*\)"$/\1/p' | tr '\n' ';'
}

# tells_tests WANTED_CHECKPOINTS TEST: ./suite's, and where the ring appeared
tells_tests() {
    does "the suite" env CK_FORK=no ouro record -o suite.ouro -- ./suite
    marks=$(checkpoints suite.ouro)
    [ "$marks" = "$1" ] || wrong "checkpoints $marks, expected $1"
    ouro gate suite.ouro >said 2>&1
    [ $? -eq 1 ] || wrong "the gate finds nothing: $(cat said)"
    grep -qF "\"$2\": new cycle" said ||
        wrong "the gate does not name $2: $(cat said)"
    grep -q '1 new$' said || wrong "more or less than one: $(cat said)"
}

gtest_suite() {
    project ouro_gtest.h
    does build "${CXX-g++}" -g -Wall -Wextra -Werror suite_gtest.cpp -o suite \
        -lgtest -lpthread
    tells_tests 'ring.is_not_made;between tests;ring.is_left;between tests;' \
        ring.is_left
}

check_suite() {
    project ouro_check.h
    does build "${CC-gcc}" -g -Wall -Wextra -Werror suite_check.c -o suite \
        -lcheck -lsubunit -lpthread -lrt -lm
    between='between tests;'
    tells_tests "${between}no_ring_is_made;$between${between}a_ring_is_left;$between" \
        a_ring_is_left
}

for tool in cmake ctest meson ninja make python3 pytest-3 bash jq xmllint; do
    command -v $tool >/dev/null || {
        echo "ci_samples.sh: $tool is missing" >&2
        exit 1
    }
done
[ $# -gt 0 ] || set -- cmake_project meson_project make_project pytest_project \
    github_workflow gitlab_template gtest_suite check_suite
for sample; do
    $sample
done
[ "$failed" -eq 0 ] || echo "ci: $failed failed" >&2
[ "$failed" -eq 0 ]
