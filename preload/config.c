/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ouro_trace.h"
#include "program.h"
#include "raw.h"
#include "text.h"

#include <signal.h>
#include <string.h>
#include <sys/auxv.h>

struct config shim_config;

/* Keeps a variable for those that exec: all of it or nothing. */
static void keep(struct text *kept, uint32_t *n, const char *name,
                 const char *value)
{
    struct text here = text_in(kept->at + kept->len, kept->room - kept->len);
    text_add(&here, name);
    text_add(&here, value);
    if (here.cut || *n == CONFIG_VARIABLES) {
        here.at[0] = '\0';
        return;
    }
    shim_config.variables[(*n)++] = here.at;
    kept->len += here.len + 1;
}

static const char *value_of(char **environment, const char *name)
{
    for (char **v = environment; v && *v; v++) {
        const char *value = text_after(*v, name);
        if (value)
            return value;
    }
    return NULL;
}

static void set_dir(const char *wanted)
{
    struct text dir = text_in(shim_config.dir, sizeof shim_config.dir);
    if (wanted && *wanted) {
        text_add_absolute(&dir, wanted);
    } else {
        text_add_absolute(&dir, "ouro.");
        text_add_number(&dir, (uint64_t)RAW_CALL0(SYS_getpid));
        text_add(&dir, ".ouro");
    }
    if (dir.cut)
        shim_config.dir[0] = '\0';
}

static void set_guest(const char *wanted)
{
    struct text guest = text_in(shim_config.guest, sizeof shim_config.guest);
    if (wanted && *wanted)
        text_add_absolute(&guest, wanted);
    if (guest.cut)
        shim_config.guest[0] = '\0';
}

/* Does the glob name this image, by its path or by its last part? */
static bool is_named(const char *glob)
{
    const char *path = program()->path;
    const char *slash = strrchr(path, '/');
    return text_matches(path, glob) ||
           text_matches(slash ? slash + 1 : path, glob);
}

static bool is(const char *value, const char *word)
{
    return value && strcmp(value, word) == 0;
}

static void keep_variables(char **environment)
{
    static const char *const as_they_are[] = {
        "OURO_STACKS=",   "OURO_CLOCK=",  "OURO_IO=",
        "OURO_CHILDREN=", "OURO_ONLY=",   "OURO_MAX_SIZE=",
        "OURO_SNAPSHOT=", "OURO_SIGNAL=", "OURO_FOLDS="};
    struct text kept = text_in(shim_config.text, sizeof shim_config.text);
    uint32_t n = 0;
    if (shim_config.dir[0])
        keep(&kept, &n, "OURO_DIR=", shim_config.dir);
    if (shim_config.guest[0])
        keep(&kept, &n, "OURO_GUEST=", shim_config.guest);
    for (size_t i = 0; i < sizeof as_they_are / sizeof *as_they_are; i++) {
        const char *value = value_of(environment, as_they_are[i]);
        if (value)
            keep(&kept, &n, as_they_are[i], value);
    }
}

static uint8_t snapshot_mode(const char *value)
{
    if (is(value, "none"))
        return 0;
    return is(value, "image") ? OURO_SNAP_IMAGE : OURO_SNAP_POINTERS;
}

static uint32_t signal_number(const char *value)
{
    const uint64_t n = value && *value ? text_number(value) : 0;
    return n < NSIG ? (uint32_t)n : 0;
}

void config_start(char **environment, const char *guest)
{
    struct config *c = &shim_config;
    c->max_size = UINT64_MAX;
    c->secure = getauxval(AT_SECURE) != 0;
    if (c->secure)
        return;
    const char *stacks = value_of(environment, "OURO_STACKS=");
    const char *only = value_of(environment, "OURO_ONLY=");
    const char *max_size = value_of(environment, "OURO_MAX_SIZE=");
    const char *known_guest = value_of(environment, "OURO_GUEST=");
    if (is(stacks, "alloc"))
        c->stacks = CONFIG_STACKS_ALLOC;
    else if (is(stacks, "none"))
        c->stacks = CONFIG_STACKS_NONE;
    c->counter = is(value_of(environment, "OURO_CLOCK="), "counter");
    c->buffered = is(value_of(environment, "OURO_IO="), "buffered");
    c->folds = is(value_of(environment, "OURO_FOLDS="), "1");
    c->children = !is(value_of(environment, "OURO_CHILDREN="), "0");
    c->snapshot = snapshot_mode(value_of(environment, "OURO_SNAPSHOT="));
    c->signal = signal_number(value_of(environment, "OURO_SIGNAL="));
    if (max_size && *max_size)
        c->max_size = text_number(max_size);
    set_dir(value_of(environment, "OURO_DIR="));
    set_guest(known_guest && *known_guest ? known_guest : guest);
    keep_variables(environment);
    c->on = c->dir[0] && (!only || !*only || is_named(only));
}
