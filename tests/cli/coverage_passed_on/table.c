/* SPDX-License-Identifier: MIT */
/* table.c - a table's counts pass on to a list; some lookups return early */
#include <ouro.h>

#include <stdlib.h>

enum { ENTRIES = 200 };

struct entry {
    int count;
};

static struct entry *table[ENTRIES];

static void fill(int taken_twice)
{
    for (int i = 0; i < ENTRIES; i++) {
        table[i] = calloc(1, sizeof *table[i]);
        table[i]->count = 1;
        OURO_NEW(table[i], "entry");
        if (taken_twice) {
            table[i]->count++;
            OURO_INCREF(table[i]);
        }
        OURO_ROOT("table", table[i]);
    }
}

static void pass_on(void *list)
{
    for (int i = 0; i < ENTRIES; i++) {
        OURO_UNROOT("table", table[i]);
        OURO_LINK(list, "items", table[i]);
    }
}

static struct entry *lookup(int i)
{
    table[i]->count++;
    OURO_INCREF(table[i]);
    return table[i];
}

static int use(int i)
{
    struct entry *e = lookup(i);
    if (i % 50 == 3)
        return 1;
    OURO_DECREF(e);
    e->count--;
    return 0;
}

int main(int argc, char **argv)
{
    void *list = calloc(1, 16);
    (void)argv;
    OURO_NEW(list, "list");
    fill(argc > 1);
    pass_on(list);
    for (int i = 0; argc == 1 && i < ENTRIES; i++)
        use(i);
    return 0;
}
