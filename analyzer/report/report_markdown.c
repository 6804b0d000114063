/* SPDX-License-Identifier: MIT */
/* report_markdown.c - for a comment on a pull request */
#include "report/markdown.h"

static void begin(struct report *r)
{
    r->state = markdown_begin(r, MARKDOWN_COMMENT);
}

static void image(struct report *r, const struct image *i)
{
    markdown_image(r->state, i);
}

static void finding(struct report *r, const struct image *i,
                    const struct finding *f)
{
    markdown_finding(r->state, r, i, f);
}

static void end(struct report *r)
{
    markdown_write(r->state, r, r->out);
    markdown_end(r->state);
}

const struct report_format report_markdown = {
    .name = "markdown",
    .begin = begin,
    .image = image,
    .finding = finding,
    .end = end,
};
