// SPDX-License-Identifier: MIT
// Objects whose counted pointers stand in a vector, in cycles of two; OWN is
// said when the mode says so. A pointer knows its own address and no owner.
#include "ouro.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

template <class T> class ptr
{
  public:
    ptr(T *p) : p_(p)
    {
        take();
    }
    ptr(const ptr &o) : p_(o.p_)
    {
        take();
    }
    ptr(ptr &&o) noexcept : p_(o.p_)
    {
        OURO_UNLINK(&o, NULL, p_);
        o.p_ = nullptr;
        OURO_LINK(this, NULL, p_);
    }
    ptr &operator=(const ptr &) = delete;
    ~ptr()
    {
        if (!p_)
            return;
        OURO_UNLINK(this, NULL, p_);
        p_->release();
    }

  private:
    void take()
    {
        if (!p_)
            return;
        p_->count++;
        OURO_INCREF(p_);
        OURO_LINK(this, NULL, p_);
    }
    T *p_;
};

enum mode { BEFORE, AFTER, LAST, MOVED };

struct Node {
    int count = 0;
    std::vector<ptr<Node>> kids;

    Node()
    {
        OURO_NEW_AT(this, "Node", 0, 0);
    }
    ~Node()
    {
        OURO_DEAD(this);
    }
    void release()
    {
        OURO_DECREF(this);
        if (--count == 0)
            delete this;
    }
    void own()
    {
        OURO_OWN(this, kids.data());
    }
    void add(Node *kid, mode m)
    {
        if (m == BEFORE) {
            kids.reserve(kids.size() + 1);
            own();
        }
        kids.push_back(kid);
        if (m == AFTER)
            own();
    }
};

static __attribute__((noinline)) void tie(mode m, int more)
{
    ptr<Node> a = new Node;
    Node *parent = new Node;
    ptr<Node> hold = parent;
    Node *child = new Node;
    ptr<Node> held = child;
    for (int i = 0; i < more; i++)
        parent->add(new Node, m);
    parent->add(child, m);
    child->add(parent, m);
    if (m == MOVED) {
        Node *heir = new Node;
        child->own();
        child->kids.pop_back();
        parent->own();
        heir->kids = std::move(parent->kids);
        heir->own();
        child->add(heir, AFTER);
    }
    if (m == LAST) {
        parent->own();
        child->own();
    }
}

// A tree in vectors is no cycle, and everything in it goes.
static __attribute__((noinline)) void grow_tree(mode m)
{
    ptr<Node> hold = new Node;
    (void)hold;
    Node *root = new Node;
    ptr<Node> top = root;
    for (int i = 0; i < 100; i++) {
        Node *kid = new Node;
        root->add(kid, m);
        kid->add(new Node, m);
    }
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"before", "after", "last", "moved"};
    if (argc < 3)
        return 2;
    for (int m = BEFORE; m <= MOVED; m++) {
        if (std::strcmp(argv[1], names[m]) != 0)
            continue;
        grow_tree(static_cast<mode>(m));
        tie(static_cast<mode>(m), std::atoi(argv[2]));
        std::printf("tied\n");
        return 0;
    }
    return 2;
}
