#!/bin/sh
# Names that would do something to a terminal, to JSON or to a build log do
# nothing in a report, in a dump, or to where a recording is.
. "$(dirname "$0")/../host_kit.sh"
escape=$(printf '\033')
# shellcheck disable=SC2016
nasty=$(printf 'p \033[31m"\\<b>;$(x)\377%%0A\nq')
mkdir "$nasty"
"$CC" -O1 -fno-builtin -I"$host/../../include" -c "$host/nasty_names.c" -o o.o
function=$(printf 'esc\033[2J\r\n::error::"<b>\377\302\233')
objcopy --redefine-sym "named_later=$function" o.o
"$CC" o.o -o "$nasty/$nasty"
printf '#include <stdlib.h>\nvoid *lose_there(size_t n){void *p=malloc(n);__asm__ volatile(""::"r"(p));return p;}\n' >l.c
"$CC" -g -O1 -fPIC -shared -fno-builtin l.c -o "$nasty/lib$nasty.so"
"$nasty/$nasty" "$nasty/lib$nasty.so" >plain.out || fail "alone: status $?"
"$OURO" record -o "$(printf %s "$nasty" | sed s/%/%%/g)/rec.ouro" -- "$nasty/$nasty" "$nasty/lib$nasty.so" "$nasty" >guest.out || fail "status $?"
cmp plain.out guest.out || fail "stdout: $(cat guest.out)"

cat >check.py <<'PY'
import json, sys
for name in sys.argv[1:]:
    raw = open(name, "rb").read()
    # what the user typed is given back as it is, but for what moves the cursor
    text = raw.decode("utf-8", "replace" if name in ("sentence.txt", "absent.txt") else "strict")
    bad = sorted({c for c in text if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"})
    if bad:
        sys.exit("%s: %r in %r" % (name, bad, [l for l in text.split("\n") if any(c in l for c in bad)][:3]))
    if any(l.startswith("::") for l in text.split("\n")):
        sys.exit("%s: a line begins like a command of a build log" % name)
    if name.endswith("json"):
        json.loads(text)
PY
"$OURO" report "$nasty/rec.ouro" >report.txt || fail "report: status $?"
"$OURO" report --format=json "$nasty/rec.ouro" >report.json || fail "JSON: status $?"
"$OURO" dump "$nasty/rec.ouro" >dump.txt || fail "dump: status $?"
jq -e . report.json >jq.out || fail "jq does not read it"
status=0
"$OURO" report "$nasty/absent.ouro" >out 2>sentence.txt || status=$?
expect "status of what is not there" "$status" 3
status=0
"$OURO" run -- "$nasty/absent" >out 2>absent.txt || status=$?
expect "status of a program that is not there" "$status" 127
"$OURO" run -o run.ouro -- "$nasty/$nasty" "$nasty/lib$nasty.so" >out 2>run.txt || fail "run: status $?"
for name in sentence absent; do
    expect "$name: lines" "$(wc -l <$name.txt)" 1
done
python3 check.py report.txt report.json dump.txt sentence.txt absent.txt run.txt || fail "bytes that do something"
grep -q "$escape" report.txt && fail "an escape got through"

expect "findings" "$(jq -r '[.processes[0].findings[] | select(.kind == "cycle" or .kind == "leak") | .kind] | sort | join(" ")' report.json)" "cycle leak leak"
expect "the type, its beginning" "$(jq -r '[.processes[0].findings[] | select(.kind == "cycle") | .. | strings | select(startswith("type"))] | length > 0' report.json)" true
expect "the nasty function" "$(jq -r '[.processes[0].findings[] | select(.kind == "leak" and .bytes == 123) | .stack[0].function | startswith("esc")] | first' report.json)" true
expect "the nasty library" "$(jq -r '[.processes[0].findings[] | select(.kind == "leak" and .bytes == 321) | .stack[0].function] | first' report.json)" lose_there
