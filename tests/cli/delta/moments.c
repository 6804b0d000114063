#include "ouro.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

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

/* With another thread memory is seen a little later than it is said. */
static void *sleeps(void *unused)
{
    for (;;)
        pause();
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, sleeps, NULL);
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
