/* SPDX-License-Identifier: MIT */
#include "suppress/suppressions.h"

#include "explain/demangle.h"
#include "report/finding_words.h"
#include "suppress/glob.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 16 << 20, SHOWN = 60 };

struct reading {
    struct suppressions *s;
    const char *name;
    const char *at, *end;
    uint32_t n; /* the line that was read last */
    const char *line;
    const char *program;
    struct err *e;
    struct frame_pattern *frames; /* of the block that is read */
    uint32_t n_frames, frames_room;
};

static int expected(const struct reading *r, uint32_t line, const char *what)
{
    err_set(r->e, "%.160s:%" PRIu32 ": expected %s", r->name, line, what);
    r->e->code = RC_USAGE;
    return -1;
}

static int expected_here(const struct reading *r, const char *what)
{
    err_set(r->e, "%.160s:%" PRIu32 ": '%.*s%s': expected %s", r->name, r->n,
            SHOWN, r->line, strlen(r->line) > SHOWN ? "..." : "", what);
    r->e->code = RC_USAGE;
    return -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* The next line that says something, without blanks around it. */
static bool next_line(struct reading *r)
{
    while (r->at < r->end) {
        const char *start = r->at;
        const char *stop = memchr(start, '\n', (size_t)(r->end - start));
        r->at = stop ? stop + 1 : r->end;
        stop = stop ? stop : r->end;
        r->n++;
        while (start < stop && is_blank(*start))
            start++;
        while (start < stop && is_blank(stop[-1]))
            stop--;
        if (start == stop || *start == '#')
            continue;
        r->line = arena_text(&r->s->arena, start, (size_t)(stop - start));
        return true;
    }
    return false;
}

/* What follows the word, or NULL. */
static const char *behind(const char *line, const char *word)
{
    const size_t len = strlen(word);
    return strncmp(line, word, len) == 0 ? line + len : NULL;
}

static const char *skip_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

static bool is_there(const struct suppressions *s, const struct suppression *x)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->at[i].program && s->at[i].line == x->line &&
            strcmp(s->at[i].program, x->program) == 0 &&
            strcmp(s->at[i].rule, x->rule) == 0)
            return true;
    return false;
}

static void add(struct reading *r, struct suppression x)
{
    struct suppressions *s = r->s;
    x.file = arena_text(&s->arena, r->name, strlen(r->name));
    if (r->program)
        x.program = arena_text(&s->arena, r->program, strlen(r->program));
    if (x.program && is_there(s, &x))
        return;
    GROW(s->at, s->n, s->room);
    s->at[s->n++] = x;
}

#define WORDS                                                                  \
    "leak:, cycle:, unbalanced:, over-release:, ghost-edge: or misuse: and a " \
    "pattern, or '{'"

static int read_rule(struct reading *r)
{
    struct suppression x = {.form = FORM_OWN, .rule = r->line, .line = r->n};
    for (int k = 0; k < N_FINDING_KINDS && !x.pattern; k++) {
        const char *at =
            behind(r->line, finding_kind_word((enum finding_kind)k));
        if (!at || *at != ':')
            continue;
        x.kind = (enum finding_kind)k;
        x.pattern = skip_blanks(at + 1);
    }
    if (!x.pattern)
        return expected_here(r, WORDS);
    if (!*x.pattern)
        return expected_here(r, "a pattern behind the colon");
    if (x.kind == FINDING_LEAK)
        x.form = FORM_PIECE;
    add(r, x);
    return 0;
}

static bool is_kind_of_memcheck(const char *kind)
{
    static const char *const kinds[] = {
        "Leak",    "Cond",     "Param",     "User",      "Free",
        "Jump",    "Overlap",  "Mempool",   "Value0",    "Value1",
        "Value2",  "Value4",   "Value8",    "Value16",   "Value32",
        "Addr1",   "Addr2",    "Addr4",     "Addr8",     "Addr16",
        "Addr32",  "Addr64",   "CoreMem",   "Align",     "ReallocZero",
        "BadSize", "BadAlign", "Alignment", "FishyValue"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return false;
}

/* Is "Memcheck" one of the tools in front of the colon? */
static bool is_for_memcheck(const char *line, const char *colon)
{
    static const char name[] = "Memcheck";
    const size_t len = sizeof name - 1;
    while (line < colon) {
        const size_t n = strcspn(line, ",:");
        if (n == len && memcmp(line, name, len) == 0)
            return true;
        line += n + 1;
    }
    return false;
}

static int read_reaches(struct reading *r, const char *words, unsigned *set)
{
    static const struct {
        const char *word;
        unsigned means;
    } table[] = {
        {"definite", 1u << REACH_DEFINITE},
        {"possible", 1u << REACH_POSSIBLE},
        {"reachable", 1u << REACH_REACHABLE},
        {"indirect", 0},
        {"none", 0},
        {"all",
         1u << REACH_DEFINITE | 1u << REACH_POSSIBLE | 1u << REACH_REACHABLE},
    };
    *set = 0;
    for (const char *at = words;; at++) {
        at = skip_blanks(at);
        const size_t len = strcspn(at, ", \t");
        size_t i = 0;
        while (i < sizeof table / sizeof table[0] &&
               (strlen(table[i].word) != len ||
                memcmp(table[i].word, at, len) != 0))
            i++;
        if (i == sizeof table / sizeof table[0])
            return expected_here(r, "definite, indirect, possible, reachable, "
                                    "all or none, with commas between");
        *set |= table[i].means;
        at = skip_blanks(at + len);
        if (!*at)
            return 0;
        if (*at != ',')
            return expected_here(r, "a comma between the kinds");
    }
}

/* Of a whole mangled name; Valgrind shows what the compiler appended, too. */
static const char *demangle_pattern(struct arena *a, const char *pattern)
{
    if (glob_has_wildcard(pattern))
        return NULL;
    const unsigned len = demangle_base_len(pattern);
    const char *base = arena_text(a, pattern, len);
    struct demangled *d = must_calloc(1, sizeof *d);
    const char *text =
        demangle(d, base) ? arena_text(a, d->text, d->len) : base;
    free(d);
    return text;
}

/* "file.c:12" */
static void split_line(struct arena *a, struct frame_pattern *f)
{
    const char *colon = strrchr(f->pattern, ':');
    char *end;
    if (!colon || colon == f->pattern || colon[1] < '0' || colon[1] > '9')
        return;
    const unsigned long line = strtoul(colon + 1, &end, 10);
    if (*end || line == 0 || line > UINT32_MAX)
        return;
    f->line = (uint32_t)line;
    f->pattern = arena_text(a, f->pattern, (size_t)(colon - f->pattern));
}

static int read_frame(struct reading *r)
{
    struct arena *a = &r->s->arena;
    struct frame_pattern f = {.is = FRAME_ANY};
    if (strcmp(r->line, "...") != 0) {
        static const char *const words[] = {
            [FRAME_FUN] = "fun:", [FRAME_OBJ] = "obj:", [FRAME_SRC] = "src:"};
        for (int k = FRAME_FUN; k <= FRAME_SRC && !f.pattern; k++) {
            f.pattern = behind(r->line, words[k]);
            f.is = (enum frame_form)k;
        }
        if (!f.pattern || !*f.pattern)
            return expected_here(
                r, "fun:NAME, obj:MODULE, src:FILE, ... or a closing '}'");
    }
    if (f.is == FRAME_FUN)
        f.demangled = demangle_pattern(a, f.pattern);
    if (f.is == FRAME_SRC)
        split_line(a, &f);
    GROW(r->frames, r->n_frames, r->frames_room);
    r->frames[r->n_frames++] = f;
    return 0;
}

static int unclosed(const struct reading *r, uint32_t first)
{
    return expected(r, first, "a '}' for the block that begins here");
}

/* Up to the closing brace. */
static int skip_block(struct reading *r, uint32_t first)
{
    do {
        if (!next_line(r) || strcmp(r->line, "{") == 0)
            return unclosed(r, first);
    } while (strcmp(r->line, "}") != 0);
    r->s->n_other++;
    return 0;
}

static bool has_real_frame(const struct reading *r)
{
    for (uint32_t i = 0; i < r->n_frames; i++)
        if (r->frames[i].is != FRAME_ANY)
            return true;
    return false;
}

static void keep_frames(const struct reading *r, struct suppression *x)
{
    struct frame_pattern *kept =
        ARENA_ARRAY(&r->s->arena, r->n_frames, struct frame_pattern);
    for (uint32_t i = 0; i < r->n_frames; i++)
        kept[i] = r->frames[i];
    x->n_frames = r->n_frames;
    x->frames = kept;
}

static int read_frames(struct reading *r, struct suppression *x)
{
    const uint32_t first = x->line;
    r->n_frames = 0;
    while (next_line(r)) {
        const char *kinds = behind(r->line, "match-leak-kinds:");
        if (strcmp(r->line, "}") == 0) {
            if (!has_real_frame(r))
                return expected_here(r, "at least one frame before it that is "
                                        "not '...'");
            keep_frames(r, x);
            return 0;
        }
        if (strcmp(r->line, "{") == 0)
            return unclosed(r, first);
        if (kinds && r->n_frames == 0) {
            if (read_reaches(r, kinds, &x->reaches) != 0)
                return -1;
        } else if (read_frame(r) != 0) {
            return -1;
        }
    }
    return unclosed(r, first);
}

static int read_block(struct reading *r)
{
    struct suppression x = {.form = FORM_BLOCK,
                            .kind = FINDING_LEAK,
                            .line = r->n,
                            .reaches = 1u << REACH_DEFINITE |
                                       1u << REACH_POSSIBLE |
                                       1u << REACH_REACHABLE};
    if (!next_line(r) || strcmp(r->line, "}") == 0)
        return expected(r, x.line, "a name behind the '{'");
    x.rule = r->line;
    if (!next_line(r))
        return unclosed(r, x.line);
    const char *colon = strchr(r->line, ':');
    if (!colon || colon == r->line || !colon[1] || behind(r->line, "fun:") ||
        behind(r->line, "obj:") || behind(r->line, "src:"))
        return expected_here(r, "TOOL:KIND, as in Memcheck:Leak");
    const bool for_memcheck = is_for_memcheck(r->line, colon);
    if (for_memcheck && !is_kind_of_memcheck(colon + 1))
        return expected_here(r, "Memcheck:Leak, or another kind that Memcheck "
                                "has");
    if (!for_memcheck || strcmp(colon + 1, "Leak") != 0)
        return skip_block(r, x.line);
    if (read_frames(r, &x) != 0)
        return -1;
    add(r, x);
    return 0;
}

int suppressions_parse(struct suppressions *s, const char *name,
                       const char *text, size_t len, const char *program,
                       struct err *e)
{
    struct reading r = {.s = s,
                        .name = name,
                        .at = text,
                        .end = text + len,
                        .program = program,
                        .e = e};
    int result = 0;
    while (result == 0 && next_line(&r))
        result = strcmp(r.line, "{") == 0 ? read_block(&r) : read_rule(&r);
    free(r.frames);
    return result;
}

static int unreadable(struct err *e, const char *path, const char *why)
{
    err_set(e, "%.200s: cannot be read: %s", path, why);
    e->code = RC_USAGE;
    return -1;
}

int suppressions_read(struct suppressions *s, const char *path, struct err *e)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return unreadable(e, path, strerror(errno));
    char *text = must_calloc(MAX_FILE + 1, 1);
    const size_t len = fread(text, 1, MAX_FILE + 1, f);
    const bool bad = ferror(f);
    const int why = errno;
    fclose(f);
    int result;
    if (bad)
        result = unreadable(e, path, strerror(why));
    else if (len > MAX_FILE)
        result = unreadable(e, path, "it has more than 16 MiB");
    else
        result = suppressions_parse(s, path, text, len, NULL, e);
    free(text);
    return result;
}
