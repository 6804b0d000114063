/* SPDX-License-Identifier: MIT */
/*
 * intrusive.cpp - smart pointers that know their own address and no owner
 *
 * OURO_LINK(this, NULL, p) is enough: a pointer inside an object is a field of
 * that object, its offset is the field's name, and a pointer on the stack is an
 * outside reference. The document and its view keep each other. Their deaths
 * need no word: operator delete is seen anyway.
 */
#include "ouro.h"

template <class T> struct ref {
    ref() = default;
    ref(const ref &) = delete;
    ~ref()
    {
        set(nullptr);
    }
    void set(T *p)
    {
        T *old = p_;
        if (p)
            p->count++;
        OURO_INCREF(p);
        p_ = p;
        OURO_UNLINK(this, nullptr, old);
        OURO_LINK(this, nullptr, p);
        OURO_DECREF(old);
        if (old && --old->count == 0)
            delete old;
    }
    T *p_ = nullptr;
};

template <class T> struct counted {
    counted()
    {
        OURO_NEW_AT(this, T::name, 0, 0);
    }
    int count = 0;
};

struct document : counted<document> {
    static constexpr auto name = "document";
    ref<struct view> shown_in;
};
struct view : counted<view> {
    static constexpr auto name = "view";
    ref<document> shows;
};

int main()
{
    ref<document> text;
    text.set(new document);
    text.p_->shown_in.set(new view);
    text.p_->shown_in.p_->shows.set(text.p_);
    return 0;
}
