/* SPDX-License-Identifier: MIT */
/*
 * trails.c - a trail is followed only where all stands as it stood
 *
 * Five frames of a stack that is made by hand; the way from the third to the
 * innermost is kept. Then one thing at a time is changed that the trail, or
 * what comes outward of it, depends on.
 */
#include "trail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 5, BASE = 2, PAGE_WORDS = 512, APART = 200 };

static _Alignas(4096) uintptr_t memory[3 * PAGE_WORDS];
static struct stack stack, before;
static struct stack_here here;
static int failed;

static void expect(bool is_so, const char *what)
{
    if (!is_so) {
        fprintf(stderr, "trails: %s\n", what);
        failed = 1;
    }
}

/* Frame i, counted from the outermost; its words stand below its sp. */
static void put(uint32_t i)
{
    uintptr_t *sp = &memory[3 * PAGE_WORDS - 8 - APART * i];
    const uintptr_t ip = 0x1000 * (i + 1), fp = (uintptr_t)(sp + 4);
    const uint32_t is_read = i < N - 1 ? STACK_IP_READ | STACK_FP_READ : 0;
    const struct stack_fresh f = {
        .frame = {ip, (uintptr_t)sp, fp, 0, STACK_USES_FP | is_read},
        .ip = {(uintptr_t)(sp - 1), ip},
        .fp = {(uintptr_t)(sp - 2), fp},
    };
    sp[-1] = ip;
    sp[-2] = fp;
    stack_put(&stack, i, &f);
    here = (struct stack_here){ip, (uintptr_t)sp, fp};
}

static bool leads(void)
{
    const struct stack_trail *t = trail_of(&stack, &here);
    return trail_begins(t, &here) && trail_leads(&stack, t, &here);
}

/* `word` is another for a moment. */
static void needs(uintptr_t *word, uintptr_t other, const char *what)
{
    const uintptr_t was = *word;
    *word = other;
    expect(!leads(), what);
    *word = was;
    expect(leads(), "it leads again when all is as it was");
}

static void needs_number(uint32_t *number, uint32_t other, const char *what)
{
    const uint32_t was = *number;
    *number = other;
    expect(!leads(), what);
    *number = was;
    expect(leads(), "it leads again when all is as it was");
}

static void follow_only_the_same(void)
{
    struct stack_frame *met = &stack.at[BASE];
    struct stack_trail *t = trail_of(&stack, &here);
    const uint32_t first = t->first_word;
    expect(leads(), "it leads where nothing changed");
    for (uint32_t i = 0; i < t->n_words; i++)
        needs((uintptr_t *)t->words[i].slot, 1, "a word is another");
    needs(&here.fp, here.fp + 8, "the innermost frame's fp is another");
    needs(&met->ip, met->ip + 1, "another frame was met");
    needs(&met->sp, met->sp + 8, "it was met elsewhere");
    needs(&met->fp, met->fp + 8, "it was met with another fp");
    needs(&t->ip, 0, "it is half written");
    needs(&stack.pages.hi, met->sp - 8, "it leaves the readable pages");
    needs(&stack.words[first - 1].slot,
          stack.words[first - 1].slot ^ 4 * sizeof memory,
          "the word outward of its words is in another page");
    needs_number(&stack.epoch, stack.epoch + 1, "modules came or went");
    needs_number(&stack.n, BASE, "what it leads to is not remembered");
    needs_number(&met->flags, met->flags ^ STACK_NEEDS_FP,
                 "what is outward does not need that fp");
    needs_number(&met->flags, met->flags | STACK_INTERRUPTED,
                 "a signal came in between");
    needs_number(&met[-1].n_words, met[-1].n_words - 1,
                 "its words would stand elsewhere");
}

/* A sibling of the fourth frame is the innermost, and then the trail is taken.
 */
static void take(void)
{
    const struct stack_trail *t = trail_of(&stack, &here);
    before = stack;
    stack.at[BASE + 1].ip++;
    memset(&stack.words[t->first_word], 0, t->n_words * sizeof t->words[0]);
    memset(&stack.near[t->first_word], 0, t->n_words);
    stack.n = BASE + 2;
    const struct stack_change change = trail_take(&stack, t);
    expect(change.pops == 1 && change.pushes == 2 && change.cut == 0 &&
               !change.restart,
           "one frame went and two came");
    expect(stack_is_valid(&stack), "the stack is valid");
    expect(memcmp(&stack, &before, sizeof stack) == 0,
           "the stack is what it was");
    stack.n = BASE + 2;
    const struct stack_change same = trail_take(&stack, t);
    expect(same.pops == 0 && same.pushes == 1,
           "the fourth frame need not be told again");
}

int main(void)
{
    stack.epoch = 7;
    stack.pages =
        (struct window){(uintptr_t)memory, (uintptr_t)memory + sizeof memory};
    for (uint32_t i = 0; i < N; i++)
        put(i);
    stack.n = N;
    trail_keep(&stack, &here, BASE);
    expect(!leads(), "one that was walked once is not kept");
    trail_keep(&stack, &here, BASE);
    follow_only_the_same();
    take();
    if (!failed)
        printf("trails: followed where all stands, and nowhere else\n");
    return failed;
}
