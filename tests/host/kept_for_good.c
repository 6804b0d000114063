/* SPDX-License-Identifier: MIT */
/* kept_for_good.c - what makes libc and the loader keep memory to the end */
#include <dlfcn.h>
#include <iconv.h>
#include <libintl.h>
#include <locale.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void *nothing(void *unused)
{
    return unused;
}

static void *forever(void *unused)
{
    (void)unused;
    for (;;)
        pause();
}

static void threads(void)
{
    pthread_t t[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&t[i], NULL, nothing, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(t[i], NULL);
    pthread_create(&t[0], NULL, forever, NULL);
    pthread_detach(t[0]);
}

static void last(void)
{
}

static void handlers(void)
{
    for (int i = 0; i < 64; i++)
        atexit(last);
}

static void locales(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    setlocale(LC_ALL, "");
    freelocale(newlocale(LC_ALL_MASK, "C.UTF-8", NULL));
    bindtextdomain("nothing", "/nowhere");
    textdomain("nothing");
    printf("%s\n", gettext("words"));
}

static void environment(void)
{
    setenv("A", "1", 1);
    setenv("B", "2", 1);
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    const time_t now = time(NULL);
    printf("%d\n", localtime(&now) != NULL);
}

static void libraries(void)
{
    dlopen("libm.so.6", RTLD_NOW);
    dlopen("nowhere.so", RTLD_NOW);
    void *gone = dlopen("libresolv.so.2", RTLD_NOW);
    if (gone)
        dlclose(gone);
}

static void names(void)
{
    printf("%d\n", getpwnam("root") != NULL);
    printf("%d\n", getpwuid(0) != NULL);
}

static void conversion(void)
{
    iconv_close(iconv_open("UTF-16", "ISO-8859-1"));
}

static const struct {
    const char *name;
    void (*run)(void);
} all[] = {{"threads", threads},      {"handlers", handlers},
           {"locales", locales},      {"environment", environment},
           {"libraries", libraries},  {"names", names},
           {"conversion", conversion}};

int main(int argc, char **argv)
{
    puts("hello");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (argc > 1 && strcmp(argv[1], all[i].name) == 0)
            all[i].run();
    return 0;
}
