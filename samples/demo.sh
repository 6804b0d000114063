#!/bin/sh
# demo.sh BUILD - records the Lisp sample on a script that leaks, and prints
# the report
set -eu
build=$1
rm -rf "$build/demo.ouro"
set -- "$build/ouro" run -o "$build/demo.ouro" -- "$build/samples/lisp" \
    samples/lisp/letrec.lisp
echo "\$ $*"
"$@"
