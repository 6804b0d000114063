/* SPDX-License-Identifier: MIT */
#include "report/markdown_text.h"

#include <ctype.h>
#include <string.h>

void markdown_html_code(FILE *to, const char *text)
{
    fputs("<code>", to);
    for (; *text; text++) {
        if (strchr("&<>", *text))
            fprintf(to, "&#%d;", *text);
        else
            fputc(*text, to);
    }
    fputs("</code>", to);
}

/* With an entity for everything that means something to Markdown. */
static void put_entities(FILE *to, const char *text)
{
    fputs("<code>", to);
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x80 && ispunct(c) && !strchr(",-/", c))
            fprintf(to, "&#%d;", c);
        else
            fputc(c, to);
    }
    fputs("</code>", to);
}

void markdown_code(FILE *to, const char *text)
{
    const size_t len = strlen(text);
    if (len == 0)
        return;
    if (strpbrk(text, "`|\\") || *text == ' ' || text[len - 1] == ' ')
        put_entities(to, text);
    else
        fprintf(to, "`%s`", text);
}

void markdown_block(FILE *to, const char *lines)
{
    int longest = 2, run = 0;
    for (const char *at = lines; *at; at++) {
        run = *at == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (int i = 0; i <= longest; i++)
        fputc('`', to);
    fprintf(to, "text\n%s", lines);
    for (int i = 0; i <= longest; i++)
        fputc('`', to);
    fputc('\n', to);
}
