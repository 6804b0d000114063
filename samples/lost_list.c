/* SPDX-License-Identifier: MIT */
/*
 * lost_list.c - a list whose only pointer is overwritten
 *
 * Nothing is announced here: plain malloc is enough for a leak. The first list
 * of three lines is lost, the second of two is freed.
 */
#include <stdlib.h>

struct line {
    struct line *next;
    int number;
};

static struct line *lines;

static void add_line(int number)
{
    struct line *line = malloc(sizeof *line);
    if (!line)
        exit(1);
    line->number = number;
    line->next = lines;
    lines = line;
}

static void free_lines(void)
{
    while (lines) {
        struct line *next = lines->next;
        free(lines);
        lines = next;
    }
}

static void load(int count)
{
    lines = NULL; /* the mistake: free_lines() belongs here */
    for (int i = 0; i < count; i++)
        add_line(i);
}

int main(void)
{
    load(3);
    load(2);
    free_lines();
    return 0;
}
