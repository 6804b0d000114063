#include "ouro.h"

#include <stdlib.h>

struct job {
    struct job *next;
    char text[40];
};

static struct job *queue;
static char *volatile buffer;

static void enqueue(int n)
{
    for (int i = 0; i < n; i++) {
        struct job *job = malloc(sizeof *job);
        OURO_NEW_LEAF(job, i % 2 ? "odd" : "even");
        job->next = queue;
        queue = job;
    }
}

static void load(void)
{
    buffer = malloc(1000);
}

static void again(void)
{
    free(malloc(30));
    queue->next->next = malloc(30);
}

int main(void)
{
    load();
    enqueue(2);
    OURO_SNAPSHOT("look");
    enqueue(3);
    buffer = NULL;
    OURO_CHECKPOINT("between");
    OURO_SNAPSHOT("look");
    again();
    return 0;
}
