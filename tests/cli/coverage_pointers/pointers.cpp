/* SPDX-License-Identifier: MIT */
/*
 * pointers.cpp - a smart pointer that says INCREF and DECREF, and no LINK
 *
 * Those on the stack are given back where they were taken; those in the box's
 * vector are not, and it is the box that is to be told, not the pointer's or
 * the library's functions.
 */
#include "ouro.h"

#include <vector>

struct thing {
    int count = 0;
    thing()
    {
        OURO_NEW_AT(this, "thing", 0, 0);
    }
    ~thing()
    {
        OURO_DEAD(this);
    }
};

template <class T> class ref
{
    T *p;

  public:
    explicit ref(T *q) : p(q)
    {
        p->count++;
        OURO_INCREF(p);
    }
    ref(const ref &other) : ref(other.p)
    {
    }
    ref &operator=(const ref &) = delete;
    ~ref()
    {
        OURO_DECREF(p);
        if (--p->count == 0)
            delete p;
    }
};

struct box {
    std::vector<ref<thing>> items;
    void add(const ref<thing> &r)
    {
        items.push_back(r);
    }
};

static void use(const ref<thing> &r)
{
    for (int i = 0; i < 50; i++)
        ref<thing> local(r);
}

int main()
{
    box *b = new box;
    {
        ref<thing> r(new thing);
        for (int i = 0; i < 20; i++)
            b->add(r);
        use(r);
    }
    delete b;
    return 0;
}
