#!/bin/sh
# guest_rules.sh LIB - what the guest may ask of its host, and offer to it,
# read from the built library
set -eu
lib=$1
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    echo "FAIL: $lib $*" >&2
    failed=1
}

# Exports are exactly the map's.
sed -n '/^global:/,/^local:/p' "$root/preload/exports.map" |
    grep -v ':$' | tr -d ';' | tr -s ' ' '\n' | sed '/^$/d' | sort >"$scratch/wanted"
nm -D --defined-only "$lib" | awk '{print $NF}' | sed 's/@.*//' |
    sort >"$scratch/exported"
diff "$scratch/wanted" "$scratch/exported" >"$scratch/diff" ||
    fail "exports (<: the map, >: the library):
$(cat "$scratch/diff")"

# Imports are of this list. On the hot path: __errno_location, mem*, str*. The
# others at the start, at the end, in dlclose and in what starts programs:
# nothing that locks, allocates for long, prints, or is a cancellation point.
cat >"$scratch/allowed" <<'LIST'
_ITM_deregisterTMCloneTable
_ITM_registerTMCloneTable
__cxa_finalize
__environ
__errno_location
__getauxval
__gmon_start__
__libc_stack_end
__register_atfork
dl_iterate_phdr
dladdr
dladdr1
dlerror
dlopen
dlsym
environ
getauxval
memchr
memcmp
memcpy
memmove
memset
on_exit
pthread_key_create
pthread_setspecific
strchr
strcmp
strcspn
strlen
strncmp
strnlen
strrchr
strspn
LIST
nm -D -u "$lib" | awk '{print $NF}' | sed 's/@.*//' | sort -u >"$scratch/imports"
sort -u "$scratch/allowed" | comm -13 - "$scratch/imports" >"$scratch/strangers"
[ ! -s "$scratch/strangers" ] ||
    fail "imports $(tr '\n' ' ' <"$scratch/strangers")"

# Thread-local data is reached without a call that could allocate.
readelf -rW "$lib" | grep -E 'DTPMOD|DTPOFF|TLSDESC|TLS_DTP' >"$scratch/tls" &&
    fail "has thread-local data of a dynamic model:
$(cat "$scratch/tls")"

# No unwinder, no C++ library: what we need must not change what the host gets.
readelf -dW "$lib" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$scratch/needed"
grep -vE '^(libc\.so\.6|ld-linux[-a-z0-9_]*\.so\.[0-9])$' "$scratch/needed" >"$scratch/other" &&
    fail "needs $(tr '\n' ' ' <"$scratch/other")"

flags=$(readelf -dW "$lib" | grep -E '\(FLAGS(_1)?\)' | tr '\n' ' ')
for flag in BIND_NOW NODELETE; do
    case $flags in *"$flag"*) ;; *) fail "is not $flag" ;; esac
done

# libc's constructor must have run before libunwind is loaded: loaded earlier,
# libc would be initialised without the host's arguments and environment.
case $flags in *INITFIRST*) fail "is INITFIRST" ;; esac

# What a host under a limit on data must have room for before its first event.
bytes=$(size "$lib" | awk 'NR == 2 {print $2 + $3}')
[ "$bytes" -le 262144 ] || fail "has $bytes bytes of data, more than 262,144"

readelf -lW "$lib" | grep -q GNU_RELRO || fail "has no RELRO segment"
readelf -lW "$lib" | grep -E 'LOAD.* RWE ' >/dev/null &&
    fail "has memory that is writable and executable"
readelf -lW "$lib" | grep -E 'GNU_STACK.* RWE ' >/dev/null &&
    fail "wants an executable stack"
readelf -dW "$lib" | grep -q TEXTREL && fail "has text relocations"

exit "$failed"
