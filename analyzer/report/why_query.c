/* SPDX-License-Identifier: MIT */
#include "report/why_query.h"

#include "explain/inquiry.h"
#include "report/each_image.h"
#include "report/text_caption.h"
#include "report/text_finding.h"
#include "report/text_image.h"
#include "report/text_why.h"
#include "report/why_finding.h"
#include "report/why_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_ROWS = 20,
    MOST_TOLD = 10,       /* of a list of references */
    MOST_NAMES = 1 << 16, /* among which the nearest is looked for */
    MOST_IMAGES = 10,     /* in which something died */
    MOST_TYPES = 3,
};

struct search {
    const char *recording;
    const struct why_options *options;
    struct text_out o;
    struct meant meant;
    struct arena arena;

    struct why_list list; /* what is meant, in all images */
    char *answer;         /* while that is one */

    uint32_t n_images;    /* that could be read */
    struct strings names; /* of what is alive */
    uint32_t n_deaths;    /* images that have some */
};

static uint32_t most(const struct search *s, uint32_t usual)
{
    return s->options->all ? UINT32_MAX : usual;
}

static const char *text_of(const struct image *i, uint32_t string)
{
    return i->trace.strings.text[string];
}

static void add_row(struct search *s, const struct image *i, uint64_t addr,
                    uint64_t bytes, uint64_t stamp, const char *name)
{
    why_list_add(&s->list, &(struct why_row){
                               .pid = i->pid,
                               .addr = addr,
                               .bytes = bytes,
                               .born = trace_seconds(&i->trace, stamp),
                               .trace = i->path,
                               .name = name,
                           });
}

static void add_object(struct search *s, const struct image *i, uint32_t object)
{
    const struct object *k = &i->shadow.objects[object];
    struct text_line l = {0};
    text_add_named(&l, text_of(i, k->type), text_of(i, k->label));
    add_row(s, i, k->addr, k->bytes, k->stamp, l.text);
}

static struct trace *parent_of(struct image *i)
{
    return i->parent_is_open ? &i->parent : NULL;
}

static FILE *begin_answer(struct search *s)
{
    size_t size;
    FILE *to = open_memstream(&s->answer, &size);
    if (!to)
        out_of_memory();
    return to;
}

/* What memory says of a block of the shadow: *seen, where it was looked at. */
static int ask_memory(const struct search *s, struct image *i, uint32_t block,
                      struct why_memory *m, bool *seen)
{
    *m = (struct why_memory){.reach = REACH_UNKNOWN};
    *seen = false;
    if (image_remember(i) != 0)
        return -1;
    if (!i->memory_is_made || block == OURO_NONE)
        return 0;
    *seen = true;
    return why_memory_make(m, i->symbolizer, &i->memory, &i->shadow, &i->trace,
                           block, most(s, MOST_TOLD), &i->damage);
}

static int explain_object(struct search *s, struct image *i, uint32_t object)
{
    struct why w;
    struct why_memory m;
    bool seen;
    if (ask_memory(s, i, i->shadow.objects[object].block, &m, &seen) != 0)
        return RC_TRACE;
    if (why_make(&w, i->symbolizer, &i->shadow, &i->trace, parent_of(i), object,
                 most(s, MOST_TOLD), &i->damage) != 0) {
        why_memory_release(&m);
        return RC_TRACE;
    }
    const struct text_out o = {.to = begin_answer(s), .colour = s->o.colour};
    text_image(&o, i);
    fputc('\n', o.to);
    text_why(&o, &w);
    text_why_memory(&o, &m);
    image_notes(i, text_note, (void *)&o);
    fclose(o.to);
    why_release(&w);
    why_memory_release(&m);
    return RC_CLEAN;
}

/* Names for a few stacks. */
static void name_stacks(struct sites *sites, struct symbols *symbols,
                        struct arena *a, const struct image *i,
                        const uint32_t *stacks, uint32_t n)
{
    symbols_find(symbols, i->symbolizer, a, &i->trace, stacks, n, NULL);
    sites_init(sites, a, &i->trace, symbols);
}

static int explain_block(struct search *s, struct image *i, uint32_t block)
{
    struct why_memory m;
    bool seen;
    if (ask_memory(s, i, block, &m, &seen) != 0)
        return RC_TRACE;
    const struct block *k = &i->shadow.blocks[block];
    struct symbols symbols;
    struct sites sites;
    name_stacks(&sites, &symbols, &s->arena, i, &k->stack, 1);
    struct why_block b = {
        .addr = k->addr,
        .bytes = k->size,
        .allocator = inquiry_allocator(k),
        .born = trace_seconds(&i->trace, k->stamp),
        .born_at = sites_shown(&sites, k->stack),
        .owned = k->owner != OURO_NONE,
        .inherited = k->inherited,
        .ignored = k->ignored,
        .seen = seen,
        .reach = m.reach,
    };
    if (b.owned) {
        const struct object *owner = &i->shadow.objects[k->owner];
        b.owner = (struct why_object){text_of(i, owner->type),
                                      text_of(i, owner->label), owner->addr};
    }
    const struct text_out o = {.to = begin_answer(s), .colour = s->o.colour};
    text_image(&o, i);
    fputc('\n', o.to);
    text_why_block(&o, &b);
    text_why_memory(&o, &m);
    image_notes(i, text_note, (void *)&o);
    fclose(o.to);
    sites_release(&sites);
    why_memory_release(&m);
    return RC_CLEAN;
}

static void note_name(struct search *s, const char *name)
{
    strings_id(&s->names, name, strlen(name));
}

static void note_names(struct search *s, const struct image *i)
{
    for (uint32_t k = 0; k < i->shadow.n_objects; k++) {
        const struct object *b = &i->shadow.objects[k];
        if (s->names.n >= MOST_NAMES)
            return;
        note_name(s, text_of(i, b->type));
        note_name(s, text_of(i, b->label));
    }
}

/* How many this image has; the last of them. */
static uint64_t find(struct search *s, const struct image *i, uint32_t *object,
                     uint32_t *block)
{
    const uint64_t before = s->list.n;
    *object = *block = OURO_NONE;
    if (s->meant.is_address) {
        if (!meant_at(&i->shadow, s->meant.addr, object, block))
            return 0;
        if (*object != OURO_NONE) {
            add_object(s, i, *object);
        } else {
            const struct block *k = &i->shadow.blocks[*block];
            add_row(s, i, k->addr, k->size, k->stamp, "block");
        }
    }
    for (uint32_t k = 0; k < i->shadow.n_objects && !s->meant.is_address; k++) {
        const struct object *b = &i->shadow.objects[k];
        if (!meant_is_named(&s->meant, text_of(i, b->type),
                            text_of(i, b->label)))
            continue;
        *object = k;
        add_object(s, i, k);
    }
    return s->list.n - before;
}

static int look(void *to, struct image *i)
{
    struct search *s = to;
    uint32_t object, block;
    s->n_images++;
    const uint64_t n = find(s, i, &object, &block);
    if (s->list.n == 0)
        note_names(s, i);
    if (s->list.n > 1) {
        free(s->answer);
        s->answer = NULL;
    }
    if (n != 1 || s->list.n != 1)
        return RC_CLEAN;
    if (object != OURO_NONE)
        return explain_object(s, i, object);
    return explain_block(s, i, block);
}

/* Whose references to it were never undone. */
static void find_holders(struct why_death *told, const struct image *i,
                         const struct death *k)
{
    const struct shadow *s = &i->shadow;
    for (uint32_t n = 0; n < s->n_dangling && !k->is_block; n++) {
        const struct dangling_link *d = &s->dangling[n];
        if (d->addr != k->addr || d->death_stamp != k->died)
            continue;
        const struct object *owner = &s->objects[d->owner];
        if (told->n_holders++ == 0)
            told->holder = (struct why_object){
                text_of(i, owner->type), text_of(i, owner->label), owner->addr};
    }
}

static void put_death(const struct search *s, struct image *i,
                      const struct deaths *d)
{
    const struct death *k = deaths_last(d);
    struct arena a = {0};
    struct symbols symbols;
    struct sites sites;
    const uint32_t stacks[] = {k->stack, k->death_stack};
    name_stacks(&sites, &symbols, &a, i, stacks, 2);
    struct why_death told = {
        .is_block = k->is_block,
        .is = {text_of(i, k->type), text_of(i, k->label), k->addr},
        .bytes = k->bytes,
        .rc = k->rc,
        .born = trace_seconds(&i->trace, k->born),
        .died = trace_seconds(&i->trace, k->died),
        .born_at = sites_shown(&sites, k->stack),
        .died_at = sites_shown(&sites, k->death_stack),
        .others = (k->is_block ? d->n_blocks : d->n_objects) - 1,
        .word = s->meant.is_address ? NULL : s->meant.text,
    };
    if (s->n_deaths > 1)
        fputc('\n', s->o.to);
    find_holders(&told, i, k);
    text_image(&s->o, i);
    fputc('\n', s->o.to);
    text_why_death(&s->o, &told);
    sites_release(&sites);
    arena_release(&a);
}

/* What is damaged was said when it was looked for among what lives. */
static int open_quietly(struct image *i)
{
    image_replay(i);
    return 0;
}

static int look_among_dead(void *to, struct image *i)
{
    struct search *s = to;
    struct deaths d;
    struct err ignored;
    if (!i->shadow_is_built ||
        deaths_find(&d, &i->trace, parent_of(i), &s->meant, &ignored) != 0)
        return RC_CLEAN;
    if (!deaths_last(&d))
        return RC_CLEAN;
    if (++s->n_deaths <= most(s, MOST_IMAGES))
        put_death(s, i, &d);
    return RC_CLEAN;
}

/* "alive are 'person', 'window' and others" */
static void add_names(struct text_line *l, const struct search *s)
{
    for (uint32_t k = 1; k < s->names.n && k <= MOST_TYPES; k++)
        text_add(l, "%s'%s'", k == 1 ? "alive are " : ", ",
                 text_head(s->names.text[k], 40).bytes);
    if (s->names.n > MOST_TYPES + 1)
        text_add(l, " and others");
    text_add(l, "%san address begins with 0x", l->len > 0 ? "; " : "");
}

static void add_advice(struct text_line *l, const struct search *s)
{
    const char *meant =
        s->names.n > 1 ? s->options->nearest(s->meant.text, s->names.text + 1,
                                             (int)s->names.n - 1)
                       : NULL;
    if (meant)
        text_add(l, "did you mean '%s'?", text_head(meant, 40).bytes);
    else
        add_names(l, s);
}

static int say_nothing_is_meant(const struct search *s)
{
    struct err e;
    struct text_line path = {0}, advice = {0};
    text_add_safe(&path, s->recording);
    if (s->meant.is_address) {
        err_set(&e,
                "%.200s: 0x%" PRIx64 ": no object and no block is there at the "
                "end, and none ended there; they are elsewhere in each run",
                path.text, s->meant.addr);
    } else {
        add_advice(&advice, s);
        err_set(&e, "%.200s: nothing is called '%s'; %.200s", path.text,
                text_head(s->meant.text, 40).bytes, advice.text);
    }
    e.code = RC_USAGE;
    return err_say(&e);
}

/* The block that a finding's id means, where it means one, is explained. */
static void explain_finding(struct search *s, int *code)
{
    struct why_finding found = {0, 0};
    if (s->meant.is_address ||
        !why_finding(s->recording, s->meant.text, s->options->pid, &found))
        return;
    s->meant = (struct meant){s->meant.text, true, found.addr};
    const struct image_query alive = {
        .pid = found.pid,
        .prepare = image_replay,
        .visit = look,
        .to = s,
    };
    const int again = each_image(s->recording, &alive);
    if (*code == RC_CLEAN)
        *code = again;
}

/* What was read at first could be read; only what is new is worse. */
static int tell(struct search *s, int code)
{
    if (s->list.n == 0)
        explain_finding(s, &code);
    if (s->answer) {
        fputs(s->answer, s->o.to);
        return code;
    }
    if (s->list.n > 1) {
        why_list_put(&s->o, &s->list, s->recording, &s->meant);
        return code;
    }
    const struct image_query dead = {
        .pid = s->options->pid,
        .prepare = open_quietly,
        .visit = look_among_dead,
        .to = s,
    };
    each_image(s->recording, &dead);
    if (s->n_deaths > most(s, MOST_IMAGES))
        fprintf(s->o.to, "\n... and in %" PRIu32 " more processes; --all\n",
                s->n_deaths - MOST_IMAGES);
    if (s->n_deaths > 0)
        return code;
    const int none = say_nothing_is_meant(s);
    return code == RC_CLEAN ? none : code;
}

int why_recording(const char *recording, const char *word,
                  const struct why_options *options, FILE *out)
{
    struct search s = {
        .recording = recording,
        .options = options,
        .o = {out, text_wants_colour(out)},
        .meant = meant_parse(word),
        .list = {.most = options->all ? UINT32_MAX : MOST_ROWS},
    };
    const struct image_query alive = {
        .pid = options->pid,
        .prepare = image_replay,
        .visit = look,
        .to = &s,
    };
    strings_init(&s.names);
    int code = each_image(recording, &alive);
    if ((code == RC_CLEAN || code == RC_TRACE) && s.n_images > 0)
        code = tell(&s, code);
    strings_release(&s.names);
    arena_release(&s.arena);
    why_list_release(&s.list);
    free(s.answer);
    return code;
}
