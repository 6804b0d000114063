#!/bin/sh
# A library's own operators new and delete, which reach malloc and free by a
# detour: each block is recorded once. Plugins that bring some, and go again:
# nobody calls what is gone, and each plugin has its own.
. "$(dirname "$0")/../host_kit.sh"
cat >operators.cpp <<'CPP'
#include <cstdlib>
#include <new>
extern "C" __attribute__((weak)) void count_calls(int plugin);
static __attribute__((noinline)) void *take(size_t n) { void *volatile p = malloc(n); return p; }
static __attribute__((noinline)) void give(void *p) { free(p); __asm__ volatile(""); }
void *operator new(size_t n)
{
    if (count_calls)
        count_calls(PLUGIN);
    void *volatile p = take(n);
    return p;
}
void operator delete(void *p) noexcept { give(p); __asm__ volatile(""); }
void operator delete(void *p, size_t) noexcept { give(p); __asm__ volatile(""); }
#if PLUGIN
extern "C" void work(void)
{
    for (int i = 0; i < 100; i++) {
        int *volatile p = new int(i);
        delete p;
    }
    int *volatile lost = new int(1);
    (void)lost;
}
#endif
CPP
cat >pad.c <<'C'
static char pad[100000] = {1};
char *padding(void) { return pad; }
C
cat >user.cpp <<'CPP'
int main()
{
    for (int i = 0; i < 1000; i++) {
        int *volatile one = new int(i);
        delete one;
        int *volatile many = new int[10];
        delete[] many;
    }
    int *volatile lost = new int(1);
    (void)lost;
}
CPP
cat >loads.c <<'C'
#include <dlfcn.h>
#include <stdio.h>
static int expected, wrong, calls;
void count_calls(int plugin) { calls++; wrong += plugin != expected; }
static void *load(const char *name, void **work)
{
    void *plugin = dlopen(name, RTLD_NOW);
    *work = dlsym(plugin, "work");
    return plugin;
}
int main(void)
{
    void (*first)(void), (*second)(void);
    for (int i = 0; i < 20; i++) {
        void *one = load("./one.so", (void **)&first);
        expected = 1;
        first();
        void *two = load("./two.so", (void **)&second);
        expected = 2;
        second();
        dlclose(one);
        second();
        dlclose(two);
    }
    printf("%d calls, %d of another plugin's\n", calls, wrong);
    return 0;
}
C
"$CXX" -g -O1 -fno-builtin -fPIC -shared -DPLUGIN=0 operators.cpp -o liboperators.so
"$CXX" -g -O1 user.cpp -o user ./liboperators.so
"$CC" -g -fPIC -c pad.c -o pad.o
# linked as C, so that nothing keeps them in the process
for plugin in 1 2; do
    "$CXX" -g -O1 -fno-builtin -fPIC -DPLUGIN="$plugin" -c operators.cpp -o "$plugin.o"
done
"$CC" -shared 1.o -o one.so
"$CC" -shared 2.o pad.o -o two.so
"$CC" -g -O1 -rdynamic loads.c -o loads

same ./user
intact
expect "what was lost" "$(ask '[.processes[0].findings[] | select(.stack | any(.function == "main")) | .blocks] | add')" 1
expect "other findings" "$(ask '[.processes[0].findings[] | select(.kind != "leak")] | length')" 0

same ./loads
expect "calls" "$(cat guest.out)" "6060 calls, 0 of another plugin's"
intact
expect "what the plugins lost" "$(ask '[.processes[0].findings[] | select(.kind == "leak" and .bytes / .blocks == 4) | .blocks] | add')" 60
