/* SPDX-License-Identifier: MIT */
/* image_notes.c - why a recording is not complete, or not exact, in words */
#include "report/image.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MOST_MISMATCHES = 3 };

static const char *stopped_words(uint32_t stopped)
{
    static const char *const words[] = {
        [OURO_STOPPED_SPACE] = "no space left",
        [OURO_STOPPED_LIMIT] = "the limit on file sizes was reached",
        [OURO_STOPPED_IO] = "the file system refused to write",
        [OURO_STOPPED_FD] = "the program closed the trace's descriptor",
        [OURO_STOPPED_MEMORY] = "no memory for the recorder",
        [OURO_STOPPED_SIZE] = "the size asked for with --max-size was reached",
    };
    return stopped < sizeof words / sizeof words[0] && words[stopped]
               ? words[stopped]
               : "for an unknown reason";
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void note_losses(const struct image *i,
                        void (*say)(void *to, const char *clause), void *to)
{
    char text[160];
    const struct ouro_trace_header *h = &i->trace.header;
    const uint64_t lost = image_lost_events(i);
    if (lost > 0) {
        snprintf(text, sizeof text, "%" PRIu64 " event%s lost", lost,
                 plural(lost));
        say(to, text);
    }
    if (h->stopped != OURO_STOPPED_NOT) {
        snprintf(text, sizeof text, "recording stopped early: %s",
                 stopped_words(h->stopped));
        say(to, text);
    }
    if (image_lacks_beginning(i))
        say(to, "the beginning of the trace is missing: it was damaged after "
                "it was written");
    if (image_is_cut(i)) {
        snprintf(text, sizeof text,
                 "the trace is cut off at byte %" PRIu64 " of %" PRIu64,
                 i->trace.len, h->end > i->trace.len ? h->end : i->trace.len);
        say(to, text);
    }
    if (i->parent_pid != 0 && !i->parent_is_open) {
        snprintf(text, sizeof text,
                 "the trace of its parent %" PRIu32 ".%" PRIu32
                 " is not there: frees of what it inherited are unknown",
                 i->parent_pid, i->parent_serial);
        say(to, text);
    }
}

static void add_mismatch(const struct image *i, const struct mismatch *m,
                         char *text, size_t room)
{
    const size_t len = strlen(text);
    snprintf(text + len, room - len,
             "%s%.40s %" PRIu64 " time%s, first at %.6f s (it said %" PRId64
             ", %" PRId64 " announced)",
             len > 0 ? ", " : "", i->trace.strings.text[m->type], m->n,
             plural(m->n), trace_seconds(&i->trace, m->stamp), m->said,
             m->announced);
}

/* What the program announces does not add up. */
static void note_instrumentation(const struct image *i,
                                 void (*say)(void *to, const char *clause),
                                 void *to)
{
    char text[512], types[400] = "";
    const struct shadow *s = &i->shadow;
    const uint64_t n = s->totals.unannounced;
    if (n > 0) {
        snprintf(text, sizeof text,
                 "%" PRIu64 " protocol event%s about what is no announced "
                 "object: the instrumentation is incomplete ('ouro coverage' "
                 "says where)",
                 n, plural(n));
        say(to, text);
    }
    for (uint32_t k = 0; k < s->n_mismatches && k < MOST_MISMATCHES; k++)
        add_mismatch(i, &s->mismatches[k], types, sizeof types);
    if (s->n_mismatches == 0)
        return;
    snprintf(text, sizeof text,
             "OURO_COUNT differs from what was announced: %s%s; the "
             "instrumentation is incomplete",
             types, s->n_mismatches > MOST_MISMATCHES ? " and more" : "");
    say(to, text);
}

/* What collections before the end found, and the program dealt with. */
static void note_collections(const struct image *i,
                             void (*say)(void *to, const char *clause),
                             void *to)
{
    char text[160];
    const struct gc *gc = &i->shadow.gc;
    if (gc->n_reclaimed > 0) {
        snprintf(text, sizeof text,
                 "%" PRIu64 " unreachable object%s reclaimed: the program "
                 "freed %s itself later",
                 gc->n_reclaimed, plural(gc->n_reclaimed),
                 gc->n_reclaimed == 1 ? "it" : "them");
        say(to, text);
    }
    if (gc->n_revived > 0) {
        snprintf(text, sizeof text,
                 "%" PRIu64 " unreachable object%s revived: the program used "
                 "%s again ('ouro gc' says where)",
                 gc->n_revived, plural(gc->n_revived),
                 gc->n_revived == 1 ? "it" : "them");
        say(to, text);
    }
}

static void note_folded(const struct image *i,
                        void (*say)(void *to, const char *clause), void *to)
{
    char text[160];
    if (i->trace.n_folded == 0)
        return;
    snprintf(text, sizeof text,
             "%" PRIu64 " events of blocks that are gone were folded into "
             "totals, as --max-size asked",
             i->trace.n_folded);
    say(to, text);
}

void image_notes(const struct image *i,
                 void (*say)(void *to, const char *clause), void *to)
{
    char text[160];
    const uint64_t conflicts = i->shadow.totals.order_conflicts;
    note_losses(i, say, to);
    note_folded(i, say, to);
    if (conflicts > 0) {
        snprintf(text, sizeof text,
                 "%" PRIu64 " order conflict%s: events that cannot have "
                 "happened in the recorded order",
                 conflicts, plural(conflicts));
        say(to, text);
    }
    if (i->trace.bypass) {
        const char *slash = strrchr(i->trace.bypass, '/');
        snprintf(text, sizeof text,
                 "allocations in %.60s were not seen: what it freed looks "
                 "leaked",
                 slash ? slash + 1 : i->trace.bypass);
        say(to, text);
    }
    if (i->trace.header.short_stacks > 0) {
        snprintf(text, sizeof text,
                 "%" PRIu64 " call stacks ended early: libunwind was needed "
                 "and could not be used",
                 i->trace.header.short_stacks);
        say(to, text);
    }
    if (i->trace.header.flags & OURO_HEADER_NO_UNWIND)
        say(to, "libunwind could not be loaded: some stacks are short");
    if (i->trace.header.flags & OURO_HEADER_MODULES_FULL)
        say(to, "more libraries were loaded than the trace has room for: "
                "frames in the last of them have no names");
    if ((i->trace.header.flags & OURO_HEADER_BUFFERED) &&
        i->ending == ENDING_SIGNAL)
        say(to, "written through buffers: the last events are missing");
    if (i->findings.symbols_note && *i->findings.symbols_note)
        say(to, i->findings.symbols_note);
    image_memory_notes(i, say, to);
    note_instrumentation(i, say, to);
    note_collections(i, say, to);
}
