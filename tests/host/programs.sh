#!/bin/sh
# Programs that nobody prepared behave byte for byte as without the guest.
. "$(dirname "$0")/../host_kit.sh"

printf '#include <vector>\n#include <map>\n#include <string>\nint main(){std::map<int,std::string> m; m[1]="a"; return m.size();}\n' >t.cpp
same /usr/bin/python3 -c 'import json, re, sys; d = {str(i): [i] * 3 for i in range(3000)}; print(len(json.dumps(d))); sys.stderr.write("err\n"); sys.exit(3)'
intact
PYTHONMALLOC=malloc same /usr/bin/python3 -c 'import collections; print(collections.Counter(str(i)[-1] for i in range(20000)))'
intact
# shellcheck disable=SC2016  # Perl's own variables
same perl -e 'my @a = map { { n => $_, s => "x" x $_ } } 1 .. 3000; print scalar(@a), "\n"; print STDERR "err\n"; exit 4'
intact
# shellcheck disable=SC2016
same bash -c 'x=$(echo a | tr a b); for i in 1 2 3; do y[$i]=$(printf %03d $i); done; echo "$x ${y[@]}"; (exit 7); echo $?; false'
intact
same git --version
mkdir -p repo && (cd repo && git init -q . && git config user.email a@b && git config user.name c && echo 1 >f && git add f && git commit -qm one)
same git -C repo log --format=%s -p
intact
same sqlite3 :memory: 'create table t(a); insert into t values (1),(2); select sum(a) from t; select * from nothing;'
intact
same "$CC" -S -O2 -o - -x c++ t.cpp
intact
build threads_cpp
same ./threads_cpp
intact
build short_threads
same ./short_threads
intact
size=$(du -k rec.ouro | tail -1 | cut -f1)
[ "$size" -lt 65536 ] || fail "50,000 threads took $size KiB"
