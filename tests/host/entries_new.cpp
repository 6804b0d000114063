// SPDX-License-Identifier: MIT
// Leaks one block through each operator new, frees one through each delete,
// and fails as operator new may fail.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

static void *volatile sink;
static const std::align_val_t wide{64};

#define LEAK(name, call)                                                       \
    __attribute__((noinline)) void leak_##name()                               \
    {                                                                          \
        sink = call;                                                           \
        sink = nullptr;                                                        \
    }

LEAK(new, operator new(2001))
LEAK(new_array, operator new[](2002))
LEAK(new_nothrow, operator new(2003, std::nothrow))
LEAK(new_array_nothrow, operator new[](2004, std::nothrow))
LEAK(new_aligned, operator new(2005, wide))
LEAK(new_array_aligned, operator new[](2006, wide))
LEAK(new_aligned_nothrow, operator new(2007, wide, std::nothrow))
LEAK(new_array_aligned_nothrow, operator new[](2008, wide, std::nothrow))

static void deletes()
{
    operator delete(operator new(10));
    operator delete(operator new(10), std::size_t(10));
    operator delete(operator new(10), std::nothrow);
    operator delete[](operator new[](10));
    operator delete[](operator new[](10), std::size_t(10));
    operator delete[](operator new[](10), std::nothrow);
    operator delete(operator new(64, wide), wide);
    operator delete(operator new(64, wide), std::size_t(64), wide);
    operator delete(operator new(64, wide), wide, std::nothrow);
    operator delete[](operator new[](64, wide), wide);
    operator delete[](operator new[](64, wide), std::size_t(64), wide);
    operator delete[](operator new[](64, wide), wide, std::nothrow);
}

static int handled;
static void *reserve;

// Runs inside operator new, and what it frees and takes is the program's.
static void handler()
{
    std::free(reserve);
    reserve = nullptr;
    if (++handled == 2) {
        sink = std::malloc(3003);
        sink = nullptr;
        std::set_new_handler(nullptr);
    }
}

int main(int argc, char **)
{
    leak_new();
    leak_new_array();
    leak_new_nothrow();
    leak_new_array_nothrow();
    leak_new_aligned();
    leak_new_array_aligned();
    leak_new_aligned_nothrow();
    leak_new_array_aligned_nothrow();
    deletes();
    if (argc > 1) // some allocators abort where others throw
        return 0;
    volatile std::size_t huge = SIZE_MAX / 2;
    int thrown = 0;
    reserve = std::malloc(5005);
    std::set_new_handler(handler);
    for (int i = 0; i < 1000; i++) {
        try {
            sink = operator new(huge);
        } catch (const std::bad_alloc &) {
            thrown++;
        }
    }
    const bool none = operator new(huge, std::nothrow) == nullptr;
    std::printf("thrown %d, handled %d, nothrow %d\n", thrown, handled, none);
    return 0;
}
