/* SPDX-License-Identifier: MIT */
/*
 * shapes SHAPE lost|held - makes one structure of blocks in the function
 * make_SHAPE, and ends; it is lost, or a global holds what a program would.
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <string>
#include <vector>

struct node {
    node *a, *b, *c;
    long value;
};

void *volatile held;
static void *volatile sink;

static node *ask(node *a = nullptr, node *b = nullptr)
{
    auto *n = static_cast<node *>(malloc(sizeof(node)));
    if (!n)
        exit(9);
    *n = node{a, b, nullptr, 0};
    return n;
}

static node *list_of(int n)
{
    node *first = nullptr;
    while (n-- > 0)
        first = ask(first);
    return first;
}

static node *last_of(node *n)
{
    while (n->a)
        n = n->a;
    return n;
}

static node *ring_of(int n)
{
    node *first = list_of(n);
    last_of(first)->a = first;
    return first;
}

static void *make_single()
{
    return ask();
}

static void *make_list()
{
    return list_of(10);
}

static node *tree_of(int depth)
{
    return depth == 0 ? nullptr : ask(tree_of(depth - 1), tree_of(depth - 1));
}

static void *make_tree()
{
    return tree_of(4);
}

static void *make_ring()
{
    return ring_of(5);
}

/* a ring of three, each of which holds a ring of four */
static void *make_rings()
{
    node *first = ring_of(3);
    node *n = first;
    do
        n->b = ring_of(4);
    while ((n = n->a) != first);
    return first;
}

/* two rings that hold one ring */
static void *make_rings_that_share()
{
    node *one = ring_of(2);
    node *two = ring_of(2);
    one->b = two->b = ring_of(3);
    return one;
}

/* two heads on one tail of three */
static void *make_heads()
{
    node *tail = list_of(3);
    sink = ask(tail);
    sink = nullptr;
    return ask(tail);
}

/* a list that ends in a ring */
static void *make_lasso()
{
    node *first = list_of(3);
    last_of(first)->a = ring_of(4);
    return first;
}

/* a ring that is held by the address of a member */
static void *make_ring_inside()
{
    return &ring_of(3)->c;
}

/* as kernels link: each points at the link inside of the next */
static void *make_links_inside()
{
    node *one = ask();
    node *two = ask();
    one->b = reinterpret_cast<node *>(&two->b);
    two->b = reinterpret_cast<node *>(&one->b);
    return one;
}

struct named {
    long number = 7;
    std::string name;
};

static void *make_short_string()
{
    auto *n = new named;
    n->name = "short";
    return n;
}

static void *make_long_string()
{
    auto *n = new named;
    n->name = "much longer than what a string has room for in itself";
    return n;
}

static void *make_string_itself()
{
    return new std::string("much longer than what a string has room for");
}

struct with_map {
    std::map<int, std::string> by_number;
};

static void *make_map()
{
    auto *m = new with_map;
    for (int i = 0; i < 5; i++)
        m->by_number[i] = "short";
    return m;
}

struct with_list {
    std::list<int> numbers;
};

static void *make_std_list()
{
    auto *l = new with_list;
    for (int i = 0; i < 5; i++)
        l->numbers.push_back(i);
    return l;
}

struct with_list_inside {
    long number = 7;
    std::list<int> numbers;
};

static void *make_std_list_inside()
{
    auto *l = new with_list_inside;
    for (int i = 0; i < 5; i++)
        l->numbers.push_back(i);
    return l;
}

static void *make_vector()
{
    auto *v = new std::vector<std::string>;
    v->reserve(3);
    v->push_back("short");
    v->push_back("much longer than what a string has room for in itself");
    v->push_back("and another, as long as the one that came before it");
    return v;
}

struct ends {
    long value = 7;
    ~ends()
    {
        sink = this;
    }
};

static void *make_array()
{
    return new ends[4];
}

struct first_base {
    long one = 1;
    virtual ~first_base()
    {
    }
};
struct second_base {
    long two = 2;
    virtual ~second_base()
    {
    }
};
struct both : first_base, second_base {
};

static void *make_second_base()
{
    return static_cast<second_base *>(new both);
}

/* a length, and so many bytes behind it */
static void *make_length()
{
    enum { LENGTH = 56 };
    auto *p = static_cast<uint64_t *>(malloc(8 + LENGTH));
    if (!p)
        exit(9);
    p[0] = LENGTH;
    return memset(p + 1, 'x', LENGTH);
}

/* std::string as it was before C++11: length, capacity, count, characters */
static void *make_old_string()
{
    enum { CAPACITY = 56 };
    auto *p = static_cast<uint64_t *>(malloc(24 + CAPACITY + 1));
    if (!p)
        exit(9);
    p[0] = 5;
    p[1] = CAPACITY;
    p[2] = 0;
    return strcpy(reinterpret_cast<char *>(p + 3), "short");
}

/* a block with nothing before the pointer that says what it is */
static void *make_inside()
{
    return &ask()->c;
}

static const struct {
    const char *name;
    void *(*make)();
} shapes[] = {
    {"single", make_single},
    {"list", make_list},
    {"tree", make_tree},
    {"ring", make_ring},
    {"rings", make_rings},
    {"rings_that_share", make_rings_that_share},
    {"heads", make_heads},
    {"lasso", make_lasso},
    {"ring_inside", make_ring_inside},
    {"links_inside", make_links_inside},
    {"short_string", make_short_string},
    {"long_string", make_long_string},
    {"string_itself", make_string_itself},
    {"map", make_map},
    {"std_list", make_std_list},
    {"std_list_inside", make_std_list_inside},
    {"vector", make_vector},
    {"array", make_array},
    {"second_base", make_second_base},
    {"length", make_length},
    {"old_string", make_old_string},
    {"inside", make_inside},
};

/* Leaves no copies behind: what was used of the stack is written over. */
__attribute__((noinline)) static void wipe()
{
    volatile char used[8192];
    for (size_t i = 0; i < sizeof used; i++)
        used[i] = 0;
}

__attribute__((noinline)) static void run(void *(*make)(), bool hold)
{
    void *p = make();
    held = hold ? p : nullptr;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    for (const auto &s : shapes)
        if (strcmp(s.name, argv[1]) == 0) {
            run(s.make, strcmp(argv[2], "held") == 0);
            wipe();
            exit(0);
        }
    return 2;
}
