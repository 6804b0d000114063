#!/bin/sh
# The loader's lock and the host's own never meet inside the guest; plugins are
# found as before; what an unloaded plugin leaked has its name.
. "$(dirname "$0")/../host_kit.sh"
for p in a b; do
    printf '#include <stdlib.h>\nstatic void *volatile s;\n__attribute__((noinline)) void leak_in_%s(void){s=malloc(77);}\nvoid plugin_run(void){leak_in_%s();}\n' $p $p >plugin.c
    "$CC" -g -fPIC -shared plugin.c -o plugin_$p.so
done
build loader
timeout 120 "$OURO" record -o rec.ouro -- ./loader >out || fail "status $?"
expect "output" "$(cat out)" "done"
intact
for p in a b; do
    n=$(ask "[.processes[0].findings[] | select(.stack[0].function == \"leak_in_$p\") | .blocks] | add")
    other=$(ask "[.processes[0].findings[] | select(.stack[0].function == \"leak_in_$p\" and (.stack[0].module | endswith(\"plugin_$p.so\") | not))] | length")
    [ "$n" -gt 0 ] || fail "plugin $p: leaks without their name"
    expect "leaks of plugin $p in another module" "$other" 0
done

# a library that only its own RUNPATH finds
mkdir -p hidden
printf 'int hidden(void){return 42;}\n' >h.c
"$CC" -fPIC -shared h.c -o hidden/libhidden.so
printf '#include <dlfcn.h>\nint finds(void){void*h=dlopen("libhidden.so",RTLD_NOW);return h!=0;}\n' >f.c
"$CC" -fPIC -shared f.c -Wl,-rpath,"$PWD/hidden" -o libfinds.so
printf '#include <stdio.h>\nint finds(void);int main(void){printf("%%d\\n",finds());return 0;}\n' >m.c
"$CC" m.c ./libfinds.so -o runpath
same ./runpath
expect "found through RUNPATH" "$(cat guest.out)" 1
