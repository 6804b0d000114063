/* SPDX-License-Identifier: MIT */
/*
 * by_checkpoint.h - what fails, by the checkpoint after which it came about
 *
 * A program that sets a checkpoint before each of its tests is told which of
 * them left something behind that nobody knows.
 */
#ifndef ANALYZER_GATE_BY_CHECKPOINT_H
#define ANALYZER_GATE_BY_CHECKPOINT_H

#include "gate/gather.h"
#include "gate/verdicts.h"

/* Of one finding in one process image, what came after one checkpoint. */
struct at_checkpoint {
    const struct source *source;
    const struct finding_checkpoint *checkpoint;
    const struct gated *gated;
};

struct by_checkpoint {
    uint32_t n;
    struct at_checkpoint *at; /* by recording, process, checkpoint, verdict */
};

/* Of what is new and grown. at[] is in the arena. */
struct by_checkpoint by_checkpoint_find(struct arena *a,
                                        const struct verdicts *v);

/* Do both belong to the same checkpoint of the same process image? */
bool at_same_checkpoint(const struct at_checkpoint *a,
                        const struct at_checkpoint *b);

#endif
