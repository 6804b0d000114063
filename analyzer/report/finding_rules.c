/* SPDX-License-Identifier: MIT */
#include "report/finding_rules.h"

#include "report/finding_words.h"

#include <string.h>

const struct finding_rule finding_rules[] = {
    {"cycle", "ReferenceCycle",
     "Objects that hold references on each other keep themselves alive.",
     "Nothing outside holds a count of any of these objects; the counts that "
     "are left are those that they hold on each other, so no release will ever "
     "free them. The report names the way round, the reference that closed it "
     "and the release that orphaned it. Make one reference of the way round "
     "weak (one that does not count), or have the owner break it before it "
     "lets go."},
    {"over-release", "OverRelease",
     "An object has, or had, fewer counts than references.",
     "Somebody gave back a count that was not theirs, or holds a reference "
     "without a count of its own: the object dies while it is still in use. "
     "Take a count where the reference is made, or drop the release that is "
     "too many."},
    {"ghost-edge", "GhostEdge",
     "A reference was announced to an object that is gone.",
     "An owner still has an announced reference to what has died. Announce "
     "with OURO_UNLINK that the reference is given up before the last count "
     "goes; if the program still uses it, it reads freed memory."},
    {"unbalanced", "UnbalancedCount",
     "An object has more counts than anybody holds references.",
     "A count was taken and not given back: whoever took it is gone, or forgot "
     "the release. The report names the places that took counts without "
     "releasing them. Add the release that is missing there."},
    {"leak", "Leak", "Memory was allocated and never freed.",
     "The blocks were alive when the process ended. Definitely lost: nothing "
     "in memory pointed at them any more; possibly lost: only something that "
     "may be no pointer did; where it is not known, memory was not looked at. "
     "The call stack is where they were allocated: find who should have owned "
     "them from there, and free them when that ends."},
    {"misuse/double-free", "DoubleFree", "A block was freed twice.",
     "The second free works on memory that may belong to somebody else by "
     "then. The report names both calls and where the block was made."},
    {"misuse/release-of-the-dead", "ReleaseOfDead",
     "A count was given back to an object that was dead already.",
     "The object's life had ended when this release came. Somebody kept a "
     "reference without a count, or released twice."},
    {"misuse/negative-count", "NegativeCount", "A count went below zero.",
     "More counts were given back than were ever taken: one release is too "
     "many, or one take was not announced."},
    {"misuse/zombie", "Zombie",
     "An object lives on although its count is zero.",
     "The last count was given back and nobody freed the object: the release "
     "function does not free at zero, or does so only sometimes."},
    {"misuse/free-of-owner", "FreeOfOwner",
     "A block was freed that still held counted references.",
     "What was freed held counts of other objects and did not give them back "
     "first: those objects will never be freed. Release them in the "
     "destructor."},
    {"misuse", "Misuse", "Memory or a count was used against its rules.",
     "The report says what was done, by whom, and where the object was "
     "made."},
};

const uint32_t n_finding_rules = sizeof finding_rules / sizeof finding_rules[0];

static const char *id_of(const struct finding *f)
{
    static const struct {
        const char *what, *id;
    } misuses[] = {
        {"double-free", "misuse/double-free"},
        {"release of the dead", "misuse/release-of-the-dead"},
        {"negative count", "misuse/negative-count"},
        {"zombie", "misuse/zombie"},
        {"free of", "misuse/free-of-owner"},
    };
    if (f->kind != FINDING_MISUSE || !f->what)
        return finding_kind_word(f->kind);
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++)
        if (strncmp(f->what, misuses[i].what, strlen(misuses[i].what)) == 0)
            return misuses[i].id;
    return "misuse";
}

uint32_t finding_rule_of(const struct finding *f)
{
    const char *id = id_of(f);
    uint32_t i = 0;
    while (i + 1 < n_finding_rules && strcmp(finding_rules[i].id, id) != 0)
        i++;
    return i;
}
