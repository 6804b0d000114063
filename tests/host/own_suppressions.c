/* SPDX-License-Identifier: MIT */
/* own_suppressions.c - a program that tells LeakSanitizer what it keeps */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int asked;

const char *__lsan_default_suppressions(void);

/* Longer than one record: the last line names the one that counts. */
const char *__lsan_default_suppressions(void)
{
    static char text[20000];
    asked++;
    memset(text, '#', sizeof text - 1);
    for (size_t i = 99; i < sizeof text - 100; i += 100)
        text[i] = '\n';
    strcpy(text + sizeof text - 100, "\nleak:^meant$\n");
    return text;
}

__attribute__((noinline)) static void meant(size_t n)
{
    void *volatile p = malloc(n);
    p = NULL;
    (void)p;
}

__attribute__((noinline)) static void not_meant(size_t n)
{
    void *volatile p = malloc(n);
    p = NULL;
    (void)p;
}

int main(void)
{
    meant(24);
    not_meant(40);
    if (fork() == 0) {
        meant(48);
        return asked <= 1 ? 0 : 1;
    }
    int status;
    wait(&status);
    printf("child %d\n", status);
    return asked <= 1 ? 0 : 1;
}
