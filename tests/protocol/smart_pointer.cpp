/* SPDX-License-Identifier: MIT */
/*
 * smart_pointer.cpp - the macros in constructors, destructors, templates,
 * lambdas and comma expressions, with every kind of cookie; the header comes
 * through a C header's extern "C"
 */
extern "C" {
#include "ouro.h"
}

#include <utility>

namespace
{
enum class who { nobody };

struct node {
    int count = 0;
    node()
    {
        OURO_NEW_AT(this, "node", 0, sizeof *this);
    }
    ~node()
    {
        OURO_DEAD(this);
    }
};

template <class T> class pointer
{
  public:
    explicit pointer(T *p) : p_(p)
    {
        if (p) {
            p->count++;
            OURO_INCREF(p);
            OURO_LINK(this, nullptr, p);
        }
    }
    pointer(pointer &&other) noexcept
        : p_((OURO_UNLINK(&other, nullptr, other.p_),
              std::exchange(other.p_, nullptr)))
    {
        OURO_LINK(this, nullptr, p_);
    }
    ~pointer()
    {
        OURO_UNLINK(this, nullptr, p_);
        OURO_DECREF(p_);
        if (p_ && --p_->count == 0)
            delete p_;
    }
    T *get() const
    {
        return p_;
    }

  private:
    T *p_;
};
} // namespace

int main()
{
    const pointer<node> first(new node);
    pointer<node> second(new node);
    const pointer<node> third(std::move(second));
    const auto check = [&] { OURO_COUNT(first.get(), first.get()->count); };

    check();
    OURO_ACQUIRE(first.get(), &third);
    OURO_RELEASE(first.get(), &third);
    OURO_ACQUIRE(first.get(), nullptr);
    OURO_RELEASE(first.get(), 0);
    OURO_ACQUIRE(first.get(), 'c');
    OURO_RELEASE(first.get(), 99u);
    OURO_ACQUIRE(first.get(), who::nobody);
    OURO_RELEASE(first.get(), false);
    return 0;
}
