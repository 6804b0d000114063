/* SPDX-License-Identifier: MIT */
/* queue_test.c - a test that passes, and leaks: with -DMORE in two places */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct message {
    struct message *next;
    char text[24];
};

static struct message *message_new(const char *text)
{
    struct message *m = calloc(1, sizeof *m);
    assert(m);
    strncpy(m->text, text, sizeof m->text - 1);
    return m;
}

/* Forgets the one that it takes off. */
static void __attribute__((noinline)) pop(struct message **queue)
{
    *queue = (*queue)->next;
}

#ifdef MORE
/* Writes an answer, and does not give its page back. */
static void __attribute__((noinline)) answer(const struct message *m)
{
    enum { PAGE = 4096 };
    char *page = calloc(1, PAGE);
    assert(page);
    strcpy(page, m->text);
    assert(page[0] == m->text[0]);
}
#endif

int main(void)
{
    struct message *queue = message_new("first");
    queue->next = message_new("second");
    pop(&queue);
    assert(strcmp(queue->text, "second") == 0);
#ifdef MORE
    for (int i = 0; i < 3; i++)
        answer(queue);
#endif
    free(queue);
    return 0;
}
