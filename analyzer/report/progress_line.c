/* SPDX-License-Identifier: MIT */
#include "report/progress_line.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* The handler reads them only where `ready`, which is false while they are
   being changed. */
static char text[79];
static volatile sig_atomic_t ready, shown, active;

static void put(const char *bytes, size_t len)
{
    if (write(STDERR_FILENO, bytes, len) < 0)
        ready = 0;
}

static void show(int sig)
{
    const int saved = errno;
    (void)sig;
    if (ready) {
        put("\r", 1);
        put(text, strlen(text));
        put("\x1b[K", 3);
        shown = 1;
    }
    errno = saved;
}

void progress_line_begin(void)
{
    const struct itimerval each = {{1, 0}, {1, 0}};
    struct sigaction act = {.sa_handler = show, .sa_flags = SA_RESTART};
    if (!isatty(STDERR_FILENO))
        return;
    sigemptyset(&act.sa_mask);
    if (sigaction(SIGALRM, &act, NULL) == 0)
        active = setitimer(ITIMER_REAL, &each, NULL) == 0;
}

void progress_line_end(void)
{
    const struct itimerval never = {{0, 0}, {0, 0}};
    if (!active)
        return;
    progress_line_hide();
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
    active = 0;
}

void progress_line_say(const char *fmt, ...)
{
    va_list ap;
    if (!active)
        return;
    ready = 0;
    const int n = snprintf(text, sizeof text, "ouro: ");
    va_start(ap, fmt);
    vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
    va_end(ap);
    ready = 1;
}

void progress_line_hide(void)
{
    ready = 0;
    if (shown)
        put("\r\x1b[K", 4);
    shown = 0;
}
