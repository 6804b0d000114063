/* SPDX-License-Identifier: MIT */
/*
 * image.h - one process image of a recording: how it ended and what was found
 *
 * An image is *complete* if all its committed data was read, no events were
 * lost, and its end is known to be an exit, _exit or exec. One that ended in
 * another way may have findings, but its verdict is indeterminate.
 *
 * Where data is missing (the trace is cut, recording stopped early, events were
 * lost) what looks alive may have been freed later: that is told, but counts
 * for nothing.
 *
 * A *bystander* is an image of a program that came with the system and is not
 * what the recording is about: the shells, sorts and compilers around a test.
 * What such a program leaves to its end, without any evidence that it is lost,
 * and without a module of the user's own on its stack, is nobody's finding: it
 * is only counted.
 */
#ifndef ANALYZER_REPORT_IMAGE_H
#define ANALYZER_REPORT_IMAGE_H

#include "explain/finding.h"
#include "explain/kept.h"
#include "explain/survivors.h"
#include "report/reach_shown.h"
#include "shadow/memory.h"
#include "suppress/suppressions.h"

enum verdict { VERDICT_CLEAN, VERDICT_FINDINGS, VERDICT_INDETERMINATE };

enum ending {
    ENDING_UNKNOWN,
    ENDING_EXIT, /* also _exit and quick_exit */
    ENDING_SIGNAL,
    ENDING_EXEC,
    ENDING_NOT, /* it still runs: all is "up to now" */
};

struct image {
    const char *path;
    uint32_t pid, serial;
    uint32_t parent_pid, parent_serial; /* 0: not forked */
    uint64_t process_start, start_ns;   /* as in the trace's header */
    const char *parent_path;            /* NULL: none, or not there */
    bool execed;                        /* another file goes on with it */
    bool wait_status_known;             /* the launcher saw how it ended: */
    int wait_status;
    uint32_t n_command; /* as the launcher started it; 0: not known, or */
    const char *const *command; /* it has become another program since */
    bool bystander;
    struct symbolizer *symbolizer; /* of the whole report */
    bool show_suppressed; /* tell also what the system keeps on purpose */
    unsigned shown;       /* reach_shown.h; 0: as usual */
    struct suppressions *suppressions; /* of the whole report, or NULL */
    bool counts_only;                  /* what memory held is not looked at */

    bool with_survivors; /* image_analyse finds them too; it does anyway where
                            there are checkpoints enough to see growth */

    struct gc_options gc; /* how collections are replayed; zero: as recorded */

    /* From here on filled by image_open, image_replay, image_analyse. */
    enum ending ending;
    int status; /* exit status (-1: unknown) or signal */
    bool complete;
    bool damaged; /* `damage` says how; findings, shadow are empty */
    struct err damage;
    struct trace trace, parent;
    struct shadow shadow;
    struct snapshots snapshots;
    struct memory memory; /* what the last whole snapshot held, if any is */
    struct findings findings;
    struct kept kept;           /* not among the findings, nor are */
    struct reach_hidden hidden; /* those that are not shown */
    struct survivors survivors;
    bool trace_is_open, parent_is_open, shadow_is_built, findings_are_made;
    bool survivors_are_found;
    bool snapshots_are_read, memory_is_made;
};

/*
 * Each does what those before it do, as far as it is not done: opens the
 * traces; replays them: `shadow`, `ending`; finds what there is to find. 0; or
 * -1 where it is damaged: image->damage.
 */
int image_open(struct image *i);
int image_replay(struct image *i);
int image_analyse(struct image *i);
/* As image_replay, and what the last whole snapshot held: `memory`, where there
   is one: memory_is_made. image_analyse does it, too. */
int image_remember(struct image *i);
/* As image_replay, and who lives on: `survivors`. */
int image_survey(struct image *i);
void image_release(struct image *i);

enum verdict image_verdict(const struct image *i);

/* "exit:0", "signal:9", "exec", "unknown". */
const char *image_ended(const struct image *i, char text[32]);

/* The same as words, "killed by signal 9 (SIGKILL)". */
const char *image_ended_words(const struct image *i, char text[64]);

/* Is the file too short? One that still grows may be a little behind what its
   header says. */
bool image_is_cut(const struct image *i);
uint64_t image_lost_events(const struct image *i);
/* Is the first of its records not there? The file was damaged since. */
bool image_lacks_beginning(const struct image *i);

/* Is data missing before the end? What was alive then may not be. */
bool image_lacks_data(const struct image *i);

/* When that was what the recording says last: "at the end", "now", "when
   recording stopped". */
const char *image_moment(const struct image *i);

/* Where data is missing, what looked alive last was "alive when recording
   stopped", or worse. */
const char *image_alive(const struct image *i);

/* Why it cannot be called clean, without who: "was killed by signal 9". */
const char *image_doubt(const struct image *i, char text[64]);

/* Its command line, as well as it is known; *n 0: not at all. */
const char *const *image_command(const struct image *i, uint32_t *n);

/* Calls say() with each reason why the recording is not complete or not exact:
   clauses, without the end of the process. */
void image_notes(const struct image *i,
                 void (*say)(void *to, const char *clause), void *to);

/* The same of what was seen of memory: when, how each thread showed itself, or
   why not. */
void image_memory_notes(const struct image *i,
                        void (*say)(void *to, const char *clause), void *to);

/* Is it told one by one? What is unbalanced for unknown reasons is not, nor
   what a bystander may have lost. */
bool image_finding_is_told(const struct image *i, const struct finding *f);

/* Does it count for the verdict? What is told, unless a root reaches it or it
   may have been freed unseen. */
bool image_finding_counts(const struct image *i, const struct finding *f);
bool image_has_findings(const struct image *i);

/* What to say of a leak in place of its reach: where it may have been freed
   unseen; NULL: nothing. */
const char *image_finding_doubt(const struct image *i, const struct finding *f);

const char *verdict_word(enum verdict v);

#endif
