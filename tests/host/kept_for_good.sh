#!/bin/sh
# What libc, libstdc++ and the loader keep on purpose is nobody's finding:
# whatever can still be reached is shown, and nothing is left but what
# --show-suppressed tells.
. "$(dirname "$0")/../host_kit.sh"
build kept_for_good
build kept_streams

# clean CMD...: nothing is told, even of what can be reached
clean() {
    guarded "$@" >/dev/null 2>&1 || fail "$*: status $?"
    for show in definite,possible,unknown all; do
        told=$("$OURO" report --show=$show --format=json rec.ouro |
            jq -c '[.processes[].findings[] | {reach, bytes, stack: [.stack[:4][].function]}]')
        expect "$* --show=$show" "$told" "[]"
    done
    shown=$("$OURO" report --show=all --show-suppressed --format=json rec.ouro |
        jq '[.processes[].findings[] | ([.bytes, .retained_bytes] | max) +
            ([.elsewhere[].bytes] | add // 0)] | add // 0')
    counted=$(ask '.processes[0].summary.suppressed_bytes')
    [ "$shown" -ge "$counted" ] || fail "$*: $counted bytes are kept, $shown are shown"
}
for what in hello threads handlers locales environment libraries names conversion; do
    clean ./kept_for_good $what
done
clean ./kept_streams
[ "$(ask '.processes[0].summary.suppressed_bytes')" -gt 70000 ] ||
    fail "libstdc++'s reserve is not counted"
