/* SPDX-License-Identifier: MIT */
/*
 * keep.c - a list of a thousand in a global, a table of pages in a session on
 * main's stack, a shared text that two globals hold, and what is lost
 */
#include "ouro.h"

#include <stdlib.h>

struct node {
    struct node *next;
    char text[56];
};

struct session {
    void **pages;
    long n;
};

struct node *list;
struct shelf {
    long n;
    struct node *first;
} left, right;
void *volatile lost;

__attribute__((noinline)) static void fill_list(void)
{
    for (int i = 0; i < 1000; i++) {
        struct node *n = calloc(1, sizeof *n);
        n->next = list;
        list = n;
    }
}

__attribute__((noinline)) static struct session *session_open(void)
{
    struct session *s = calloc(1, sizeof *s);
    OURO_NEW(s, "session");
    s->pages = calloc(16, sizeof *s->pages);
    for (int i = 0; i < 16; i++)
        s->pages[i] = calloc(1, 1000);
    return s;
}

__attribute__((noinline)) static void share(void)
{
    left.first = calloc(1, sizeof *left.first);
    right.first = calloc(1, sizeof *right.first);
    left.first->next = right.first->next = calloc(1, sizeof *list);
    lost = calloc(1, 5000);
    lost = NULL;
}

__attribute__((noinline)) static void leave(struct session *s)
{
    struct session *volatile kept[4] = {0, s, 0, 0};
    exit(kept[1] == 0);
}

int main(void)
{
    fill_list();
    share();
    leave(session_open());
}
