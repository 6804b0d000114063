#!/bin/sh
# However a program is built, linked, stripped and loaded: it behaves as without
# the guest, and the leak has its function's name.
. "$(dirname "$0")/../host_kit.sh"
program=$host/built_how.c

# found WHAT NAME: 20 blocks of 48 bytes, lost by NAME, which main called
found() {
    expect "$1: stdout and status" "$(cat guest.out) $status" "lost 20 3"
    expect "$1: the leak" "$(ask "[.processes[0].findings[] | select(.kind == \"leak\" and any(.stack[:2][];
        .function == \"$2\") and any(.stack[:3][]; .function == \"main\")) | \"\(.blocks) \(.bytes)\"] | join(\";\")")" "20 960"
}

# works COMPILER FLAG...
works() {
    if ! "$@" "$program" -o lost 2>log; then
        head -1 log
        echo "not tried here: $*"
        return
    fi
    same ./lost
    found "$*" lose
}

for flags in "-O0 -g" "-O0" "-O2 -no-pie" "-O3 -g -no-pie" "-O3 -fomit-frame-pointer" \
    "-O2 -fno-omit-frame-pointer" "-O2 -fcf-protection=full" "-O2 -fcf-protection=none" \
    "-O2 -fstack-clash-protection -D_FORTIFY_SOURCE=2 -fstack-protector-strong" \
    "-O2 -Wl,-z,now -Wl,-z,relro" "-O2 -Wl,-z,lazy -Wl,--hash-style=sysv" \
    "-O2 -fno-plt" "-O2 -Wl,-z,pack-relative-relocs" "-O2 -mtls-dialect=gnu2" \
    "-O2 -g -gdwarf-4" "-O2 -g -gz=zlib" "-O2 -g -gsplit-dwarf" "-O2 -g -flto"; do
    # shellcheck disable=SC2086
    works "$CC" $flags
done
for linker in lld gold mold; do
    works "$CC" -O2 -g "-fuse-ld=$linker"
done
for flags in "-O0" "-O2 -g" "-O3 -g -no-pie -fomit-frame-pointer" "-O2 -g -fuse-ld=lld -flto"; do
    # shellcheck disable=SC2086
    works clang $flags
done

# stripped: a name that is exported stays, no name does no harm
"$CC" -O2 -rdynamic "$program" -o lost && strip lost
same ./lost
found "stripped, exported" lose
"$CC" -O2 "$program" -o lost && strip lost
same ./lost
expect "stripped: the leak" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and .bytes == 960)
    | .blocks, (.stack[0].module | sub(".*/"; ""))] | map(tostring) | join(" ")')" "20 lost"
"$CC" -O2 -g "$program" -o lost
objcopy --only-keep-debug lost lost.debug && strip lost && objcopy --add-gnu-debuglink=lost.debug lost
same ./lost
found "separate debug file" lose

# no call frame information at all: counted all the same, and unharmed
"$CC" -O2 -fomit-frame-pointer -fno-asynchronous-unwind-tables "$program" -o lost
objcopy -R .eh_frame -R .eh_frame_hdr lost 2>/dev/null
same ./lost
expect "without .eh_frame: the leak" "$(ask '[.processes[0].findings[] | select(.bytes == 960) | .blocks] | add')" 20

# the loader and the allocator, told to behave otherwise
printf 'unsigned la_version(unsigned v){return v;}\n' >audit.c
"$CC" -shared -fPIC audit.c -o libaudit.so
"$CC" -O2 -g "$program" -o lost
for setting in LD_BIND_NOW=1 "LD_AUDIT=$PWD/libaudit.so" LD_DYNAMIC_WEAK=1 MALLOC_ARENA_MAX=1 \
    MALLOC_PERTURB_=165 MALLOC_CHECK_=3 GLIBC_TUNABLES=glibc.malloc.tcache_count=0 \
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1; do
    export "${setting?}"
    same ./lost
    unset "${setting%%=*}"
    found "$setting" lose
done
