/* SPDX-License-Identifier: MIT */
/* report_formats.c - the table of formats */
#include "report/report.h"

#include <string.h>

const struct report_format *const report_formats[] = {
    &report_text,   &report_json,     &report_sarif, &report_junit,
    &report_github, &report_markdown, NULL,
};

const struct report_format *report_format_named(const char *name)
{
    for (int i = 0; report_formats[i]; i++)
        if (strcmp(report_formats[i]->name, name) == 0)
            return report_formats[i];
    return NULL;
}

const char *report_format_names(char text[256])
{
    size_t len = 0;
    *text = 0;
    for (int i = 0; report_formats[i] && len < 256; i++)
        len += (size_t)snprintf(text + len, 256 - len, "%s%s",
                                i == 0                  ? ""
                                : report_formats[i + 1] ? ", "
                                                        : " or ",
                                report_formats[i]->name);
    return text;
}
