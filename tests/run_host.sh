#!/bin/sh
# run_host.sh BUILD [NAME...] - real programs under the real guest: every
# tests/host/NAME.sh, or those named
#
# A case gets OURO, BUILD and CC in its environment and a scratch directory; it
# ends with 0 (passed), 77 (skipped, its last line says why) or anything else.
# HOST_JOBS cases at a time (2), HOST_SECONDS each (300). KEEP=1 keeps the
# scratch directories.
set -u
BUILD=$(cd "$1" && pwd) || exit 2
shift
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 2
trap '[ -n "${KEEP-}" ] || rm -rf "$scratch"' EXIT
OURO=$BUILD/ouro
CC=${CC-gcc}
export BUILD OURO CC here scratch
unset LD_PRELOAD

cases() {
    if [ $# -gt 0 ]; then
        printf '%s\n' "$@"
    else
        for case in "$here"/host/*.sh; do
            basename "$case" .sh
        done
    fi
}

# shellcheck disable=SC2016
one='
    mkdir "$scratch/$1" && cd "$scratch/$1" || exit 0
    timeout -k 5 "${HOST_SECONDS-300}" sh "$here/host/$1.sh" >log 2>&1 </dev/null
    code=$?
    case $code in
    0) echo "ok   $1" ;;
    77) echo "skip $1: $(tail -n 1 log)" ;;
    *)
        printf "FAIL %s (%s)\n%s\n" "$1" "$code" "$(tail -n 15 log | sed "s/^/     | /")"
        ;;
    esac | tee result
    [ -n "${KEEP-}" ] || find . -mindepth 1 -maxdepth 1 ! -name result -exec rm -rf {} +
'
cases "$@" | xargs -n 1 -P "${HOST_JOBS-2}" sh -c "$one" run_host

count() {
    cat "$scratch"/*/result 2>/dev/null | grep -c "^$1"
}

printf 'host: %d passed, %d skipped, %d failed\n' \
    "$(count ok)" "$(count skip)" "$(count FAIL)"
[ "$(count FAIL)" -eq 0 ] && [ "$(count 'ok\|skip')" -gt 0 ]
