#!/bin/sh
# Exceptions of a C++ library in a C program are libgcc's business, always.
. "$(dirname "$0")/../host_kit.sh"
cat >throws.cpp <<'CPP'
#include <stdexcept>
static void f(int n) { if (n == 0) throw std::runtime_error("x"); f(n - 1); }
extern "C" int catch_some(void)
{
    int caught = 0;
    for (int i = 0; i < 100000; i++)
        try { f(i % 7); } catch (const std::exception &) { caught++; }
    return caught;
}
CPP
"$CXX" -g -O1 -fPIC -shared throws.cpp -o libthrows.so
build c_main ./libthrows.so
same ./c_main
# shellcheck disable=SC2094  # the argument and the word are no files
LD_DEBUG=bindings guarded ./c_main 2>bindings
! grep -E ' to [^ ]*libunwind.*_Unwind_' bindings || fail "an _Unwind_ symbol is bound to libunwind"
grep -q '_Unwind_RaiseException' bindings || fail "no binding was seen: the test is blind"
