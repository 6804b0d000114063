#!/bin/sh
# Whatever stands before and behind the guest in LD_PRELOAD, a second guest
# among them: the program runs as ever, and nobody calls himself for ever.
. "$(dirname "$0")/../host_kit.sh"
build leaks
build entries_new -std=c++17
"$CC" -O1 -fPIC -shared -fno-builtin "$host/wrapper.c" -o libwrapper.so
"$CC" -O1 -fPIC -shared -fno-builtin "$host/wrapper.c" -o libwrapper_too.so
"$CC" -O1 -fPIC -shared -fno-builtin "$host/counter.c" -o libcounter.so
"$CC" -O1 -fPIC -shared -fno-builtin -D_GNU_SOURCE "$host/symbols_too.c" -o libsymbols.so
guest=$BUILD/libouro.so
cp "$guest" libouro_too.so

# run PRELOADS PROGRAM...: standard output as with the preloads but us
run() {
    preloads=$1
    shift
    rm -rf rec.ouro
    LD_PRELOAD=$(echo "$preloads" | sed "s|$guest||; s|$PWD/libouro_too.so||") "$@" >plain.out 2>plain.err || :
    OURO_DIR=$PWD/rec.ouro timeout 20 env LD_PRELOAD="$preloads" "$@" >guest.out 2>guest.err ||
        fail "$preloads: $*: status $?: $(cat guest.err)"
    cmp plain.out guest.out || fail "$preloads: $*: $(diff plain.out guest.out)"
    cmp plain.err guest.err || fail "$preloads: $*: $(diff plain.err guest.err)"
}

lost() {
    ask '[.processes[].findings[] | select(any(.stack[:3][]; .function == "lose")) | .blocks] | add // 0'
}

for preloads in "$guest $PWD/libcounter.so $PWD/libwrapper.so" \
    "$PWD/libwrapper.so $guest $PWD/libcounter.so" \
    "$PWD/libwrapper.so $guest $PWD/libwrapper_too.so" \
    "$PWD/libwrapper_too.so $PWD/libwrapper.so $guest" "$guest:$guest"; do
    run "$preloads" ./leaks
    expect "$preloads: leaks" "$(lost)" 100
    expect "$preloads: unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
    run "$preloads" ./entries_new
done

# who looks symbols up for us allocates, and what comes after him is not what
# comes after us
for preloads in "$PWD/libsymbols.so $guest" "$guest $PWD/libsymbols.so"; do
    run "$preloads" ./leaks
    expect "$preloads: leaks" "$(lost)" 100
    expect "$preloads: unknown frees" "$(ask '.processes[0].summary.unknown_frees')" 0
done

# an allocator before us takes what it exports; what reaches us is recorded
for other in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2.0; do
    path=/usr/lib/$("$CC" -dumpmachine | sed 's/-pc//')/$other
    [ -e "$path" ] || continue
    run "$path $guest" ./leaks
    run "$path $guest" ./entries_new without-failures
    expect "$other before us: leaks that we cannot have seen" "$(lost)" 0
    run "$guest $path $PWD/libwrapper.so" ./leaks
    expect "$other behind us: leaks" "$(lost)" 100
done

# two copies of the guest under two names, each with a trace or one of them
run "$guest $PWD/libouro_too.so" ./leaks
[ "$(lost)" -ge 100 ] || fail "two guests: $(lost) leaks"
run "$PWD/libouro_too.so $guest" sh -c './leaks; exit 0'
