/* SPDX-License-Identifier: MIT */
#include "launch/manifest.h"

#include "pack/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TITLE "ouro-manifest 1"

enum { MOST_BYTES = 16 * 1024 * 1024 };

static void put_line(FILE *f, const char *word, const char *text)
{
    fprintf(f, "%s ", word);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\\\", f);
        else if (*text == '\n')
            fputs("\\n", f);
        else
            fputc(*text, f);
    }
    fputc('\n', f);
}

static void put_time(FILE *f, const char *word, struct timespec t)
{
    fprintf(f, "%s %lld.%09ld\n", word, (long long)t.tv_sec, t.tv_nsec);
}

static void put_manifest(FILE *f, const struct manifest *m)
{
    fputs(TITLE "\n", f);
    put_line(f, "release", m->release);
    for (uint32_t i = 0; i < m->n_arguments; i++)
        put_line(f, "argument", m->arguments[i]);
    fprintf(f, "pid %" PRIu32 "\nprocess-start %" PRIu64 "\n", m->pid,
            m->process_start);
    put_time(f, "started", m->started);
    if (!m->status)
        return;
    put_time(f, "finished", m->finished);
    put_line(f, "status", m->status);
}

static int path_in(char *path, const char *dir, const char *name, struct err *e)
{
    const int n = snprintf(path, PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= PATH_MAX)
        return err_set(e, "%s: %s", dir, strerror(ENAMETOOLONG));
    return 0;
}

static int write_file(const char *path, const char *fresh,
                      const struct manifest *m, struct err *e)
{
    const int fd = open(
        fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "we");
    if (!f) {
        const int why = errno;
        if (fd >= 0)
            close(fd);
        return err_set(e, "%s: %s", fresh, strerror(why));
    }
    put_manifest(f, m);
    const bool written = !ferror(f) && fflush(f) == 0;
    if (fclose(f) == 0 && written && rename(fresh, path) == 0)
        return 0;
    err_set(e, "%s: %s", path, strerror(errno));
    unlink(fresh);
    return -1;
}

/* A file size limit is the program's business: it must not kill us. */
int manifest_write(const char *dir, const struct manifest *m, struct err *e)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    if (path_in(path, dir, MANIFEST_NAME, e) != 0 ||
        path_in(fresh, dir, MANIFEST_NAME ".new", e) != 0)
        return -1;
    sigaction(SIGXFSZ, &ignore, &before);
    const int rc = write_file(path, fresh, m, e);
    sigaction(SIGXFSZ, &before, NULL);
    return rc;
}

/* Takes the backslashes out, in place. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text; text++) {
        if (*text == '\\' && text[1])
            *to++ = *++text == 'n' ? '\n' : *text;
        else
            *to++ = *text;
    }
    *to = '\0';
}

static struct timespec time_of(const char *text)
{
    char *end;
    struct timespec t = {.tv_sec = (time_t)strtoll(text, &end, 10)};
    if (*end == '.')
        t.tv_nsec = strtol(end + 1, NULL, 10);
    return t;
}

struct words {
    struct manifest *m;
    uint32_t room;
};

static void take_word(struct words *w, const char *word, char *rest)
{
    struct manifest *m = w->m;
    unescape(rest);
    if (strcmp(word, "release") == 0)
        m->release = rest;
    else if (strcmp(word, "pid") == 0)
        m->pid = (uint32_t)strtoul(rest, NULL, 10);
    else if (strcmp(word, "process-start") == 0)
        m->process_start = strtoull(rest, NULL, 10);
    else if (strcmp(word, "started") == 0)
        m->started = time_of(rest);
    else if (strcmp(word, "finished") == 0)
        m->finished = time_of(rest);
    else if (strcmp(word, "status") == 0)
        m->status = rest;
    else if (strcmp(word, "argument") == 0 && m->n_arguments < w->room)
        m->arguments[m->n_arguments++] = rest;
}

static int take_lines(struct manifest *m, char *text, struct arena *a)
{
    struct words w = {m, 0};
    for (const char *at = text; (at = strstr(at, "\nargument ")); at++)
        w.room++;
    m->arguments = ARENA_ARRAY(a, w.room + 1, const char *);
    char *next = NULL;
    const char *title = strtok_r(text, "\n", &next);
    if (!title || strcmp(title, TITLE) != 0)
        return -1;
    for (char *line; (line = strtok_r(NULL, "\n", &next));) {
        char *rest = strchr(line, ' ');
        if (!rest)
            continue;
        *rest = '\0';
        take_word(&w, line, rest + 1);
    }
    return 0;
}

static int read_packed(const char *path, struct manifest *m, struct arena *a,
                       struct err *e)
{
    struct packed *p = packed_open(path, e);
    if (!p)
        return -1;
    const struct packed_member *is = packed_find(p, PACKED_FILE, MANIFEST_NAME);
    int result = 1;
    if (is && is->len > 0) {
        const bool fits = is->len < MOST_BYTES;
        char *text = arena_alloc(a, fits ? (size_t)is->len + 1 : 1);
        const bool good = fits && packed_read(p, is, 0, text, is->len) &&
                          strlen(text) == is->len &&
                          take_lines(m, text, a) == 0;
        result = good ? 0 : err_set(e, "%s: not a manifest of ours", path);
    }
    packed_close(p);
    return result;
}

int manifest_read(const char *dir, struct manifest *m, struct arena *a,
                  struct err *e)
{
    char path[PATH_MAX];
    struct stat st;
    *m = (struct manifest){.release = ""};
    if (packed_is(dir))
        return read_packed(dir, m, a, e);
    if (path_in(path, dir, MANIFEST_NAME, e) != 0)
        return -1;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT ? 1
                               : err_set(e, "%s: %s", path, strerror(errno));
    ssize_t got = -1;
    char *text = NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < MOST_BYTES) {
        text = arena_alloc(a, (size_t)st.st_size + 1);
        got = read(fd, text, (size_t)st.st_size);
    }
    close(fd);
    if (got == 0)
        return 1;
    if (got < 0 || strlen(text) != (size_t)got || take_lines(m, text, a) != 0)
        return err_set(e, "%s: not a manifest of ours", path);
    return 0;
}

uint64_t manifest_process_start(uint32_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%" PRIu32 "/stat", pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    const ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    /* the command's name, in parentheses, may hold anything */
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

bool manifest_is_running(const struct manifest *m)
{
    return !m->status && m->pid != 0 && m->process_start != 0 &&
           manifest_process_start(m->pid) == m->process_start;
}
