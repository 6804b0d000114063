/* SPDX-License-Identifier: MIT */
#include "report/summary.h"

#include <string.h>

void summary_of(const struct image *i,
                struct summary_figure figures[SUMMARY_FIGURES])
{
    const struct shadow_totals *t = &i->shadow.totals;
    const struct summary_figure all[] = {
        {"events", t->events},
        {"allocations", t->allocations},
        {"frees", t->frees},
        {"allocated_bytes", t->allocated_bytes},
        {"peak_bytes", t->peak_bytes},
        {"live_blocks", t->live_blocks},
        {"live_bytes", t->live_bytes},
        {"objects_created", t->objects_created},
        {"objects_live", t->objects_live},
        {"increfs", t->increfs},
        {"decrefs", t->decrefs},
        {"links", t->links},
        {"unlinks", t->unlinks},
        {"lost_events", t->lost_events},
        {"order_conflicts", t->order_conflicts},
        {"unknown_frees", t->unknown_frees},
        {"inherited_frees", t->inherited_frees},
        {"unannounced", t->unannounced},
        {"own_allocations", i->trace.header.own_allocations},
        {"own_frees", i->trace.header.own_frees},
        {"suppressed_blocks", i->kept.blocks},
        {"suppressed_bytes", i->kept.bytes},
        {"hidden_definite_blocks", i->hidden.of[REACH_DEFINITE].blocks},
        {"hidden_definite_bytes", i->hidden.of[REACH_DEFINITE].bytes},
        {"hidden_possible_blocks", i->hidden.of[REACH_POSSIBLE].blocks},
        {"hidden_possible_bytes", i->hidden.of[REACH_POSSIBLE].bytes},
        {"hidden_unknown_blocks", i->hidden.of[REACH_UNKNOWN].blocks},
        {"hidden_unknown_bytes", i->hidden.of[REACH_UNKNOWN].bytes},
        {"hidden_reachable_blocks", i->hidden.of[REACH_REACHABLE].blocks},
        {"hidden_reachable_bytes", i->hidden.of[REACH_REACHABLE].bytes},
    };
    _Static_assert(sizeof all / sizeof all[0] == SUMMARY_FIGURES,
                   "a figure for each key");
    memcpy(figures, all, sizeof all);
}
