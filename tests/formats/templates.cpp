/* SPDX-License-Identifier: MIT */
/* templates.cpp - leaks from a function whose name has more than 10,000
   characters */
#include <cstdio>
#include <cstdlib>

template <class A, class B> struct two_of_the_same_kind_in_one {
    __attribute__((noinline)) static void lose(volatile std::size_t n)
    {
        static void *volatile sink;
        sink = std::malloc(n);
    }
};

template <int N> struct nest {
    using type = two_of_the_same_kind_in_one<typename nest<N - 1>::type,
                                             typename nest<N - 1>::type>;
};
template <> struct nest<0> {
    using type = int;
};

int main()
{
    nest<9>::type::lose(77);
    std::puts("done");
}
