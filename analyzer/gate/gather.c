/* SPDX-License-Identifier: MIT */
#include "gate/gather.h"

#include "report/each_image.h"
#include "report/json_parts.h"
#include "report/text_finding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TOLD_DEPTH = 3 }; /* of a finding in the gate's JSON */

struct visit {
    struct gathering *g;
    uint32_t recording;
};

static struct piece put_aside(const struct gathering *g, const struct image *i,
                              const struct finding *f)
{
    struct piece p = {.at = ftell(g->aside)};
    if (g->as_json) {
        struct json_out j = {
            .to = g->aside, .depth = TOLD_DEPTH, .after_key = true};
        json_finding(&j, f);
    } else {
        const struct text_out o = {.to = g->aside, .colour = g->colour};
        text_finding(&o, f, image_finding_doubt(i, f));
    }
    p.len = ftell(g->aside) - p.at;
    return p;
}

static bool is_gathered(const struct gathering *g, const struct image *i,
                        const struct finding *f)
{
    if (f->kind == FINDING_UNBALANCED || f->reach == REACH_REACHABLE)
        return policy_covers(g->policy, f->kind, f->reach) ||
               (f->reach != REACH_REACHABLE && image_finding_is_told(i, f));
    return image_finding_is_told(i, f);
}

static bool is_judged(const struct gathering *g, const struct image *i,
                      const struct finding *f)
{
    return policy_covers(g->policy, f->kind, f->reach) &&
           (image_finding_counts(i, f) || f->kind == FINDING_UNBALANCED ||
            f->reach == REACH_REACHABLE);
}

static const char *process_name(struct gathering *g, const struct image *i)
{
    const char *path = i->trace.exe ? i->trace.exe : "";
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return arena_text(&g->found.arena, name, strlen(name));
}

/* What is told of checkpoints, after the image. */
static const struct finding_checkpoint *keep_checkpoints(
    struct gathering *g, const struct finding *f)
{
    struct arena *a = &g->found.arena;
    struct finding_checkpoint *kept =
        ARENA_ARRAY(a, f->n_checkpoints, struct finding_checkpoint);
    for (uint32_t i = 0; i < f->n_checkpoints; i++) {
        kept[i] = f->checkpoints[i];
        kept[i].name = arena_text(a, kept[i].name, strlen(kept[i].name));
    }
    return kept;
}

static void add_source(struct entry *k, const struct visit *v,
                       const struct image *i, const struct finding *f,
                       const char *process)
{
    GROW(k->sources, k->n_sources, k->sources_room);
    k->sources[k->n_sources++] = (struct source){
        .recording = v->recording,
        .image = v->g->recordings[v->recording].n_images,
        .process = process,
        .pid = i->pid,
        .instances = entry_instances(f),
        .bytes = entry_bytes(f),
        .n_checkpoints = f->n_checkpoints,
        .checkpoints = keep_checkpoints(v->g, f),
    };
}

static void add_finding(const struct visit *v, const struct image *i,
                        const struct finding *f, const char *process)
{
    struct gathering *g = v->g;
    bool made;
    struct entry *k = entries_add(&g->found, f, &made);
    const bool judged = is_judged(g, i, f);
    add_source(k, v, i, f, process);
    if (made || (judged && !k->judged))
        k->told = put_aside(g, i, f);
    k->judged |= judged;
    g->bytes += f->retained_bytes;
    g->fragile |= judged && i->findings.fingerprints_fragile;
    g->no_snapshot |=
        !judged && f->kind == FINDING_LEAK && f->reach == REACH_UNKNOWN;
}

static void note_doubt(struct visit *v, const struct image *i)
{
    struct gathering *g = v->g;
    char text[64];
    g->recordings[v->recording].complete = false;
    if (g->n_doubtful++ == 0)
        snprintf(g->doubt, sizeof g->doubt, "process %" PRIu32 " %s", i->pid,
                 image_doubt(i, text));
}

static int visit(void *to, struct image *i)
{
    struct visit *v = to;
    v->g->n_images++;
    v->g->recordings[v->recording].n_images++;
    if (!i->complete)
        note_doubt(v, i);
    if (i->findings.n == 0)
        return RC_CLEAN;
    const char *process = process_name(v->g, i);
    for (uint32_t k = 0; k < i->findings.n; k++)
        if (is_gathered(v->g, i, &i->findings.at[k]))
            add_finding(v, i, &i->findings.at[k], process);
    return RC_CLEAN;
}

static int analyse_all(struct image *i)
{
    i->shown = REACH_SHOWN_ALL;
    return image_analyse(i);
}

int (*gather_prepare(const struct gathering *g))(struct image *i)
{
    for (int k = 0; k < POLICY_KINDS; k++)
        if (g->policy->fails[k][REACH_REACHABLE])
            return analyse_all;
    return image_analyse;
}

static int open_aside(struct gathering *g)
{
    struct err e;
    g->aside = tmpfile();
    if (g->aside)
        return RC_CLEAN;
    err_set(&e, "findings cannot be held while they are compared: no room in "
                "the directory for temporary files");
    return err_say(&e);
}

int gather(struct gathering *g, char *const *paths, uint32_t n)
{
    int code = open_aside(g);
    g->recordings = must_calloc(n, sizeof *g->recordings);
    for (uint32_t k = 0; k < n && code == RC_CLEAN; k++) {
        struct visit v = {g, k};
        const struct image_query q = {.symbolizer = g->symbolizer,
                                      .prepare = gather_prepare(g),
                                      .visit = visit,
                                      .suppressions = g->suppressions,
                                      .to = &v};
        g->recordings[k] =
            (struct gathered_recording){.path = paths[k], .complete = true};
        g->n_recordings++;
        code = each_image(paths[k], &q);
        if (code != RC_TRACE)
            continue;
        g->recordings[k].complete = false;
        g->recordings[k].damaged = true;
        g->n_damaged++;
        code = RC_CLEAN;
    }
    entries_sort(&g->found);
    if (g->suppressions)
        g->suppressions->counted = true;
    return code;
}

void gather_release(struct gathering *g)
{
    entries_release(&g->found);
    free(g->recordings);
    if (g->aside)
        fclose(g->aside);
}

void gather_tell(const struct gathering *g, struct piece piece, FILE *to)
{
    char bytes[16384];
    long left = piece.len;
    if (fseek(g->aside, piece.at, SEEK_SET) != 0)
        return;
    while (left > 0) {
        const size_t want =
            left < (long)sizeof bytes ? (size_t)left : sizeof bytes;
        const size_t n = fread(bytes, 1, want, g->aside);
        if (n == 0)
            return;
        fwrite(bytes, 1, n, to);
        left -= (long)n;
    }
}
