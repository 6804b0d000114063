// SPDX-License-Identifier: MIT
// Every way to take a block times every way to give it back that fits, and
// what each block says of its room: the same with the guest as without.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

static const std::align_val_t wide{64};

struct taker {
    const char *name;
    void *(*take)(std::size_t);
    bool is_cut;
};

static void *by_posix_memalign(std::size_t n)
{
    void *p;
    return posix_memalign(&p, 64, n) == 0 ? p : nullptr;
}

static const taker takers[] = {
    {"malloc", [](std::size_t n) { return std::malloc(n); }, false},
    {"calloc", [](std::size_t n) { return std::calloc(1, n); }, false},
    {"realloc", [](std::size_t n) { return std::realloc(nullptr, n); }, false},
    {"reallocarray", [](std::size_t n) { return reallocarray(nullptr, n, 1); },
     false},
    {"grown",
     [](std::size_t n) { return std::realloc(std::malloc(1), n + !n); }, false},
    {"posix_memalign", by_posix_memalign, true},
    {"aligned_alloc", [](std::size_t n) { return aligned_alloc(64, n); }, true},
    {"memalign", [](std::size_t n) { return memalign(64, n); }, true},
    {"valloc", [](std::size_t n) { return valloc(n); }, true},
    {"pvalloc", [](std::size_t n) { return pvalloc(n); }, true},
    {"strndup",
     [](std::size_t n) -> void * {
         char *text = static_cast<char *>(std::malloc(n));
         std::memset(text, 'x', n);
         void *copy = strndup(text, n);
         std::free(text);
         return copy;
     },
     false},
    {"new", [](std::size_t n) { return operator new(n); }, false},
    {"new[]", [](std::size_t n) { return operator new[](n); }, false},
    {"new nothrow", [](std::size_t n) { return operator new(n, std::nothrow); },
     false},
    {"aligned new", [](std::size_t n) { return operator new(n, wide); }, true},
};

typedef void giver(void *, std::size_t);

// In glibc all of these are one heap, and so they are allowed here.
static giver *const givers[] = {
    [](void *p, std::size_t) { std::free(p); },
    [](void *p, std::size_t) { std::free(std::realloc(p, 7)); },
    [](void *p, std::size_t) { std::free(std::realloc(p, 70000)); },
    [](void *p, std::size_t) { std::free(reallocarray(p, 30, 30)); },
    [](void *p, std::size_t) { (void)!std::realloc(p, 0); },
    [](void *p, std::size_t) { operator delete(p); },
    [](void *p, std::size_t n) { operator delete(p, n); },
    [](void *p, std::size_t) { operator delete[](p); },
    [](void *p, std::size_t n) { operator delete[](p, n); },
    [](void *p, std::size_t) { operator delete(p, std::nothrow); },
    [](void *p, std::size_t) { operator delete(p, wide); },
    [](void *p, std::size_t n) { operator delete(p, n, wide); },
};

static const std::size_t sizes[] = {0, 1, 24, 25, 1000, 4096, 200000};

int main()
{
    int blocks = 0;
    for (const taker &t : takers) {
        for (std::size_t n : sizes) {
            std::size_t least = SIZE_MAX; // a rest too small to split is added
            unsigned bits = 0;
            for (giver *give : givers) {
                void *p = t.take(n);
                if (malloc_usable_size(p) < least)
                    least = malloc_usable_size(p);
                bits |=
                    static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(p));
                std::memset(p, 0xa5, n);
                give(p, n);
                blocks++;
            }
            // one cut out of a larger block has whatever room was left
            std::printf("%s %zu: room %zu, low bits %u\n", t.name, n,
                        t.is_cut ? least >= n : least, bits % 16);
        }
    }
    std::printf("%d blocks\n", blocks);
    return 0;
}
