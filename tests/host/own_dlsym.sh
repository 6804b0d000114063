#!/bin/sh
# A library before the guest that defines dlsym itself: what the guest forwards
# to is still the host's own.
. "$(dirname "$0")/../host_kit.sh"
build own_dlsym
"$CC" -O1 -fPIC -shared -fno-builtin -D_GNU_SOURCE "$host/symbols_too.c" -o libsymbols.so
LD_PRELOAD=$PWD/libsymbols.so ./own_dlsym >plain.out
LD_PRELOAD="$PWD/libsymbols.so $BUILD/libouro.so" OURO_DIR=$PWD/rec.ouro ./own_dlsym >guest.out ||
    fail "status $?"
cmp plain.out guest.out || fail "$(diff plain.out guest.out)"
