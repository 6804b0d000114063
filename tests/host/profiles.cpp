/* SPDX-License-Identifier: MIT */
/* Allocations of every sort for `ouro export`: through templates with names of
   10 KB, inlined functions, recursion, threads, reallocs; some of it in use at
   the end, most of it in between; with an argument, also in a child. */
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern "C" void *named_later(size_t n);

static void *volatile sink;

template <class A, class B> struct both {
    __attribute__((noinline)) static void make(size_t n)
    {
        sink = new char[n];
    }
};

template <int n> struct grown {
    using type = both<typename grown<n - 1>::type, typename grown<n - 1>::type>;
};
template <> struct grown<0> {
    using type = unsigned long long;
};

static inline void *inlined(size_t n)
{
    return calloc(1, n);
}

__attribute__((noinline)) static void deeper(int n)
{
    if (n > 0)
        deeper(n - 1);
    sink = inlined(8);
}

static void work()
{
    for (int i = 0; i < 500; i++) {
        std::vector<std::string> v;
        for (int k = 0; k < 10; k++)
            v.push_back(std::string(64, 'x'));
        sink = realloc(malloc(16), 4000);
        free(sink);
    }
    sink = realloc(malloc(10), 1000);
}

int main(int argc, char **argv)
{
    (void)argv;
    sink = named_later(123);
    grown<9>::type::make(77);
    deeper(40);
    void *most = malloc(1000000);
    std::thread one(work), two(work);
    one.join();
    two.join();
    sink = most;
    free(most);
    sink = malloc(0);
    if (argc > 1) {
        if (fork() == 0) {
            sink = malloc(55);
            exit(0);
        }
        wait(nullptr);
    }
    puts("done");
}
