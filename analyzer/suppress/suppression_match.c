/* SPDX-License-Identifier: MIT */
#include "suppress/suppressions.h"

#include "suppress/entry_names.h"
#include "suppress/glob.h"

#include <stdio.h>
#include <string.h>

/* A call stack as Valgrind has it: the entry point is a frame. */
struct call {
    const char *allocator;
    struct places stack;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_unknown(const char *pattern)
{
    return glob_matches(pattern, "???");
}

/* "pthread_create@@GLIBC_2.34": Valgrind shows versions, we do not. */
static bool matches_unversioned(const char *pattern, const char *function)
{
    char plain[256];
    const size_t len = strcspn(pattern, "@");
    if (pattern[len] != '@' || len == 0 || len >= sizeof plain)
        return false;
    memcpy(plain, pattern, len);
    plain[len] = 0;
    return glob_matches(plain, function);
}

/* glibc's functions have names of its own, strdup is __strdup; people write the
   one that they call. */
static const char *public_name(const struct place *p)
{
    const char *module = base_name(p->module);
    if (p->function[0] != '_' || strncmp(module, "libc.so", 7) != 0)
        return p->function;
    const char *name = p->function;
    if (strncmp(name, "__GI_", 5) == 0)
        name += 5;
    return name + strspn(name, "_");
}

static bool name_matches(const struct frame_pattern *p, const char *function)
{
    return glob_matches(p->pattern, function) ||
           (p->demangled && strcmp(p->demangled, function) == 0) ||
           matches_unversioned(p->pattern, function);
}

static bool function_matches(const struct frame_pattern *p,
                             const struct place *here)
{
    if (!*here->function)
        return is_unknown(p->pattern);
    return name_matches(p, here->function) ||
           name_matches(p, public_name(here));
}

static bool source_matches(const struct frame_pattern *p, const char *file,
                           uint32_t line)
{
    if (p->line != 0 && p->line != line)
        return false;
    if (!*file)
        return is_unknown(p->pattern);
    return glob_matches(p->pattern, file) ||
           glob_matches(p->pattern, base_name(file));
}

static bool entry_matches(const struct frame_pattern *p, const char *allocator)
{
    switch (p->is) {
    case FRAME_FUN:
        for (int k = 0; entry_name(allocator, k); k++)
            if (glob_matches(p->pattern, entry_name(allocator, k)))
                return true;
        return false;
    case FRAME_OBJ:
        return glob_matches(p->pattern, ENTRY_MODULE);
    case FRAME_SRC:
    case FRAME_ANY:
        break;
    }
    return false;
}

static bool frame_matches(const struct frame_pattern *p, const struct call *c,
                          uint32_t at)
{
    if (at == 0)
        return entry_matches(p, c->allocator);
    const struct place *here = &c->stack.at[at - 1];
    switch (p->is) {
    case FRAME_FUN:
        return function_matches(p, here);
    case FRAME_OBJ:
        return *here->module ? glob_matches(p->pattern, here->module)
                             : is_unknown(p->pattern);
    case FRAME_SRC:
        return source_matches(p, here->file, here->line);
    case FRAME_ANY:
        break;
    }
    return false;
}

/* The frames are the innermost of the call; after a mismatch only the last
   "..." can take more. */
static bool call_matches(const struct suppression *s, const struct call *c)
{
    const uint32_t n = c->stack.n + 1;
    uint32_t p = 0, at = 0, behind_any = 0, again = UINT32_MAX;
    while (p < s->n_frames) {
        if (s->frames[p].is == FRAME_ANY) {
            behind_any = ++p;
            again = at;
        } else if (at < n && frame_matches(&s->frames[p], c, at)) {
            p++;
            at++;
        } else if (again < n) {
            at = ++again;
            p = behind_any;
        } else {
            return false;
        }
    }
    return true;
}

static bool piece_matches(const char *pattern, const struct call *c)
{
    for (uint32_t i = 0; i < c->stack.n; i++) {
        const struct place *p = &c->stack.at[i];
        if (glob_matches_piece(pattern, p->function) ||
            glob_matches_piece(pattern, public_name(p)) ||
            glob_matches_piece(pattern, p->file) ||
            glob_matches_piece(pattern, p->module))
            return true;
    }
    return false;
}

static bool leak_call_matches(const struct suppression *s, const struct call *c)
{
    return s->form == FORM_PIECE ? piece_matches(s->pattern, c)
                                 : call_matches(s, c);
}

static bool is_of(const struct suppression *s, enum reach reach)
{
    return reach == REACH_UNKNOWN ? s->reaches != 0 : s->reaches & 1u << reach;
}

/* What can be reached besides is not told anyway. */
static bool reach_matches(const struct suppression *s, const struct finding *f)
{
    if (s->form == FORM_PIECE)
        return true;
    for (uint32_t i = 0; i < f->n_elsewhere; i++)
        if (f->elsewhere[i].reach != REACH_REACHABLE &&
            !is_of(s, f->elsewhere[i].reach))
            return false;
    return is_of(s, f->reach);
}

/* As a report shows it, whole or its first digits; never a piece of it: a name
   may look like one. LeakSanitizer's ^ and $ may stand around it. */
static bool id_matches(const char *pattern, const struct finding *f)
{
    pattern += *pattern == '^';
    size_t len = strlen(pattern);
    len -= len > 0 && pattern[len - 1] == '$';
    return (len == 8 || len == 16) && strncmp(pattern, f->id, len) == 0;
}

static bool leak_matches(const struct suppression *s, const struct finding *f)
{
    const struct call only = {f->allocator, f->stack};
    if (s->form == FORM_PIECE && id_matches(s->pattern, f))
        return true;
    if (!reach_matches(s, f))
        return false;
    if (f->n_places == 0)
        return leak_call_matches(s, &only);
    for (uint32_t i = 0; i < f->n_places; i++) {
        const struct call c = {f->places[i].allocator, f->places[i].stack};
        if (!leak_call_matches(s, &c))
            return false;
    }
    return true;
}

static bool edges_match(const char *pattern, const struct finding *f)
{
    char text[1024];
    for (uint32_t i = 0; i < f->n_edges; i++) {
        const struct finding_edge *e = &f->edges[i];
        const bool owned = e->from < f->n_members;
        snprintf(text, sizeof text, "%s.%s",
                 owned ? f->members[e->from].type : "", e->field);
        if (glob_matches(pattern, text))
            return true;
    }
    return false;
}

static bool types_match(const char *pattern, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_types; i++)
        if (*f->types[i].type && glob_matches(pattern, f->types[i].type))
            return true;
    for (uint32_t i = 0; i < f->n_members; i++)
        if (*f->members[i].type && glob_matches(pattern, f->members[i].type))
            return true;
    return false;
}

bool suppression_matches(const struct suppression *s, const struct finding *f)
{
    if (s->kind != f->kind)
        return false;
    if (s->form != FORM_OWN)
        return leak_matches(s, f);
    return id_matches(s->pattern, f) || types_match(s->pattern, f) ||
           edges_match(s->pattern, f) ||
           (f->what && *f->what && glob_matches(s->pattern, f->what));
}
