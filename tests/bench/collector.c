/* SPDX-License-Identifier: MIT */
/*
 * collector [OPTIONS] OBJECTS EDGES - what the collector takes for a graph,
 * pass by pass, from sparse rows to findings
 *
 *   --shape=NAME  mix (shapes.h names the others)
 *   --run=N       neighbours are numbered in runs of N; 1, none are
 *   --dump=FILE   writes the graph for collector.py, and measures nothing
 *
 * Findings are the source components that are rings: members, retained objects
 * and a shortest witness of each. Ends with 1 where the certificate refuses the
 * answer.
 */
#include "shapes.h"

#include "collect/collect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct bench {
    struct arena arena;
    struct drawing d;
    struct unreachable u;
    struct components k;
    struct retained r;
    uint64_t findings, members, retained, witness;
    double clock, sum;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The pass that ends here took so long. */
static double passed(struct bench *b, const char *pass)
{
    const double seconds = now() - b->clock;
    const double edges = b->d.g.first[b->d.g.n];
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("  %-12s %7.2f s  %6.1f ns an edge  peak %5ld MiB\n", pass, seconds,
           seconds * 1e9 / edges, used.ru_maxrss / 1024);
    b->sum += seconds;
    b->clock = now();
    return seconds;
}

static void find_witnesses(struct bench *b)
{
    struct arena scratch = {0};
    for (uint32_t c = 0; c < b->k.n; c++) {
        if (!b->k.source[c] || !b->k.ring[c])
            continue;
        b->findings++;
        b->members += b->k.size[c];
        b->retained += b->r.objects[c];
        b->witness += witness_find(&scratch, &b->d.g, &b->k, c).n;
    }
    arena_release(&scratch);
}

static bool measure(struct bench *b)
{
    struct arena *a = &b->arena;
    const struct graph *g = &b->d.g;
    b->clock = now();
    b->u = collect(a, g, b->d.rc, NULL);
    passed(b, "collect");
    b->k = components_find(a, g, b->u.in);
    passed(b, "components");
    b->r = retained_find(a, g, &b->k);
    passed(b, "retained");
    find_witnesses(b);
    passed(b, "witnesses");
    const double edges = g->first[g->n];
    printf("  %-12s %7.2f s  %6.1f ns an edge\n", "together", b->sum,
           b->sum * 1e9 / edges);

    const char *why;
    const bool holds = certificate_holds(g, b->d.rc, NULL, b->u.in, &why);
    passed(b, "certificate");
    printf("  %" PRIu32 " unreachable, %" PRIu32 " components, %" PRIu64
           " findings of %" PRIu64 " objects that retain %" PRIu64 "; %" PRIu64
           " edges in witnesses\n",
           b->u.n, b->k.n, b->findings, b->members, b->retained, b->witness);
    if (!holds)
        fprintf(stderr, "bench: wrong answer: %s\n", why);
    return holds;
}

/* n, m, then first[], to[] and the roots, as this machine keeps them. */
static int dump(const struct drawing *d, const char *path)
{
    const uint32_t n = d->g.n;
    const uint32_t head[] = {n, d->g.first[n]};
    FILE *f = fopen(path, "w");
    if (!f)
        return 1;
    fwrite(head, sizeof head, 1, f);
    fwrite(d->g.first, sizeof *d->g.first, (size_t)n + 1, f);
    fwrite(d->g.to, sizeof *d->g.to, head[1], f);
    fwrite(d->root, 1, n, f);
    const int bad = ferror(f);
    return fclose(f) || bad;
}

/* What follows the equals sign, or NULL where it is another option. */
static const char *value_of(const char *option, const char *name)
{
    const size_t len = strlen(name);
    return strncmp(option, name, len) == 0 ? option + len : NULL;
}

static uint32_t number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    const char *shape = "mix";
    const char *file = NULL;
    uint32_t run = 1;
    const char *v;
    while (argc > 1 && argv[1][0] == '-') {
        if ((v = value_of(argv[1], "--shape=")))
            shape = v;
        else if ((v = value_of(argv[1], "--run=")))
            run = number(v);
        else if ((v = value_of(argv[1], "--dump=")))
            file = v;
        else
            break;
        argc--;
        argv++;
    }
    if (argc != 3 || !shapes_draw(&b.d, &b.arena, shape, number(argv[1]),
                                  number(argv[2]), run)) {
        fprintf(stderr, "usage: collector [--shape=NAME] [--run=N] "
                        "[--dump=FILE] OBJECTS EDGES\n");
        return 2;
    }
    int rc;
    if (file) {
        rc = dump(&b.d, file);
    } else {
        printf("%s, runs of %" PRIu32 ": %" PRIu32 " objects, %" PRIu32
               " edges\n",
               shape, run, b.d.g.n, b.d.g.first[b.d.g.n]);
        rc = measure(&b) ? 0 : 1;
    }
    arena_release(&b.arena);
    return rc;
}
